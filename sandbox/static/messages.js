// One message as a list item.

import { markdown, names } from "/markdown.js";
import { make, picture } from "/pictures.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "good", 4: "bad", 5: "secondary" };

/** The `<li>` of a message; `joined` leaves the author out; `tools` acts for the visitor. */
export function drawMessage(message, joined, tools) {
  const item = make("li", "message");
  item.id = `m${message.id}`;
  item.classList.toggle("joined", joined);
  item.classList.toggle("ephemeral", message.ephemeral);
  const quote = quoteLine(message, tools);
  if (quote) item.append(quote);
  item.append(avatar(message.author), body(message, tools));
  const apps = appsMenu(message, tools);
  if (apps) item.append(apps);
  return item;
}

/** A round picture with the first letter of a name. */
export function avatar(user) {
  const node = make("span", "avatar", displayName(user).slice(0, 1).toUpperCase());
  node.setAttribute("aria-hidden", "true");
  node.style.setProperty("--hue", String(hue(displayName(user))));
  return node;
}

/** A colour of the wheel for a name, well spread for names that are alike. */
function hue(name) {
  const sum = [...name].reduce((hash, c) => Math.imul(hash ^ c.codePointAt(0), 16777619), 2166136261);
  return (sum >>> 0) % 360;
}

function displayName(user) {
  return user.global_name ?? user.username;
}

function quoteLine(message, tools) {
  if (message.message_reference) {
    const id = message.message_reference.message_id;
    const target = tools.find(id) ?? message.referenced_message;
    const button = make("button", "quote");
    button.type = "button";
    if (target) button.append(make("b", "", displayName(target.author)), make("span", "", plain(target.content) || "A picture"));
    else button.append(make("span", "", "The original message was deleted"));
    button.addEventListener("click", () => tools.jump(id));
    return button;
  }
  if (message.interaction_metadata) {
    const line = make("div", "quote");
    line.append(make("b", "", displayName(message.interaction_metadata.user)), make("span", "", "asked for this"));
    return line;
  }
  return null;
}

/** A text without its marks, for one line. */
function plain(text) {
  const box = make("div");
  box.append(...markdown(text));
  return box.textContent;
}

function body(message, tools) {
  const box = make("div", "body");
  box.append(who(message));
  if (message.loading) box.append(make("div", "thinking", `${displayName(message.author)} is thinking…`));
  if (message.content) {
    const text = make("div", "text");
    text.append(...markdown(message.content));
    if (message.edited_timestamp) text.append(make("span", "edited", " (edited)"));
    box.append(text);
  }
  for (const file of message.attachments) if (!shownBelow(message, file)) box.append(...attachment(file));
  for (const embed of message.embeds) box.append(embedBox(embed));
  for (const component of message.components) box.append(...drawComponent(component, message, tools));
  if (message.ephemeral) box.append(privateNote(message, tools));
  return box;
}

function privateNote(message, tools) {
  const note = make("div", "note", "👁 Only you can see this · ");
  const dismiss = make("button", "dismiss", "Dismiss");
  dismiss.type = "button";
  dismiss.addEventListener("click", () => tools.dismiss(message));
  note.append(dismiss);
  return note;
}

function who(message) {
  const line = make("div", "who");
  const time = make("time", "", new Date(message.timestamp).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
  time.dateTime = message.timestamp;
  line.append(make("b", "", displayName(message.author)));
  if (message.author.bot) line.append(make("span", "tag", message.webhook_id ? "GAME" : "APP"));
  line.append(time);
  return line;
}

/** Whether a component of the message shows this file, so that it is not shown on its own. */
function shownBelow(message, file) {
  return JSON.stringify(message.components).includes(`"attachment_id":"${file.id}"`);
}

function attachment(file) {
  if (!file.content_type?.startsWith("image/")) {
    const link = make("a", "file", `📄 ${file.filename} (${Math.ceil(file.size / 1024)} KiB)`);
    link.href = file.url;
    link.download = file.filename;
    return [link];
  }
  const wrap = make("div");
  wrap.append(...picture({ ...file, key: file.id, covered: file.filename.startsWith("SPOILER_") }));
  return [wrap];
}

function embedBox(embed) {
  const box = make("div", "embed");
  if (embed.title) box.append(make("b", "", embed.title));
  if (embed.description) {
    const text = make("div", "text");
    text.append(...markdown(embed.description));
    box.append(text);
  }
  for (const field of embed.fields ?? []) {
    const value = make("div", "text");
    value.append(...markdown(field.value));
    box.append(make("b", "", field.name), value);
  }
  if (embed.footer) box.append(make("div", "note", embed.footer.text));
  return box;
}

// Components

function drawComponent(component, message, tools) {
  const inner = () => (component.components ?? []).flatMap((child) => drawComponent(child, message, tools));
  switch (component.type) {
    case 1: return [wrap("row", inner())];
    case 2: return [button(component, message, tools)];
    case 3: return [select(component, message, tools)];
    case 9: return [wrap("section", [wrap("body", inner()), ...drawComponent(component.accessory, message, tools)])];
    case 10: return [wrap("text", markdown(component.content))];
    case 11: return [wrap("thumbnail", media(component, message))];
    case 12: return [wrap("gallery", component.items.flatMap((item) => media(item, message)))];
    case 14: return [make("hr")];
    case 13: return message.attachments.filter((file) => file.id === component.file.attachment_id).flatMap(attachment);
    case 17: return [wrap("box", inner())];
    default: return [make("div", "note", "(something this page cannot show)")];
  }
}

function wrap(className, children) {
  const node = make("div", className);
  node.append(...children);
  return node;
}

function media({ media: { url, attachment_id, width, height }, description, spoiler }, message) {
  const file = message.attachments.find((candidate) => candidate.id === attachment_id);
  return picture({ key: attachment_id ?? url, url, description: description ?? file?.description, width, height, covered: spoiler });
}

function label(component) {
  return [component.emoji?.name, component.label].filter(Boolean).join(" ");
}

function button(component, message, tools) {
  if (component.style === 5) {
    const link = make("a", "button secondary", `${label(component)} ↗`);
    if (/^https?:/.test(component.url)) link.href = component.url;
    link.rel = "noopener noreferrer";
    link.target = "_blank";
    return link;
  }
  const node = make("button", `button ${STYLES[component.style] ?? "secondary"}`, label(component));
  node.type = "button";
  node.disabled = Boolean(component.disabled);
  node.dataset.key = component.custom_id;
  node.addEventListener("click", async () => {
    if (node.classList.contains("waiting")) return;
    node.classList.add("waiting");
    await tools.press(message, component.custom_id);
    node.classList.remove("waiting");
  });
  return node;
}

function select(component, message, tools) {
  const node = make("select");
  node.disabled = Boolean(component.disabled);
  node.ariaLabel = component.placeholder ?? "Choose";
  node.dataset.key = component.custom_id;
  node.append(new Option(component.placeholder ?? "Choose…", "", true, true));
  for (const option of component.options ?? []) node.append(new Option(option.label, option.value, false, Boolean(option.default)));
  node.addEventListener("change", () => { if (node.value) tools.select(message, component.custom_id, [node.value]); });
  return node;
}

function appsMenu(message, tools) {
  const menus = message.ephemeral ? [] : tools.menus();
  if (!menus.length) return null;
  const details = make("details", "apps");
  const summary = make("summary", "", "⋯");
  summary.ariaLabel = `Apps for the message of ${names.get(message.author.id) ?? "somebody"}`;
  const list = make("div");
  for (const command of menus) {
    const entry = make("button", "", command.name);
    entry.type = "button";
    entry.addEventListener("click", () => {
      details.open = false;
      tools.menu(message, command.name);
    });
    list.append(entry);
  }
  details.append(summary, list);
  return details;
}
