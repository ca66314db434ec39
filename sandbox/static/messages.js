// One message as a list item.

import { attachment, drawComponent, shows } from "/components.js";
import { icon } from "/icons.js";
import { called, language } from "/language.js";
import { markdown, names } from "/markdown.js";
import { make } from "/pictures.js";

/** The `<li>` of a message; `joined` leaves the author out; `tools` acts for the visitor. */
export function drawMessage(message, joined, tools) {
  const item = make("li", "message");
  item.id = `m${message.id}`;
  item.classList.toggle("joined", joined);
  item.classList.toggle("ephemeral", message.ephemeral);
  if (message.ephemeral) item.lang = language.locale;
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
  for (const file of message.attachments) if (!shows(message, file)) box.append(...attachment(file));
  for (const embed of message.embeds) box.append(embedBox(embed));
  for (const component of message.components) box.append(...drawComponent(component, message, tools));
  if (message.ephemeral) box.append(privateNote(message, tools));
  return box;
}

function privateNote(message, tools) {
  const note = make("div", "note");
  note.lang = "en";
  note.append(icon("eye"), " Only you can see this · ");
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

function appsMenu(message, tools) {
  const menus = message.ephemeral ? [] : tools.menus();
  if (!menus.length) return null;
  const details = make("details", "apps");
  const summary = make("summary");
  summary.append(icon("more"));
  summary.ariaLabel = `Apps for the message of ${names.get(message.author.id) ?? "somebody"}`;
  const list = make("div");
  for (const command of menus) {
    const entry = make("button", "", called(command));
    entry.lang = language.locale;
    entry.type = "button";
    entry.addEventListener("click", () => {
      details.open = false;
      tools.menu(message, command.name);
    });
    list.append(entry);
  }
  details.append(summary, list);
  details.addEventListener("toggle", () => details.classList.toggle("up", leavesTheLog(details, list)));
  return details;
}

/** Whether a menu that opens downwards would lie below what is to be seen. */
function leavesTheLog(details, list) {
  const seen = document.getElementById("log").getBoundingClientRect();
  return details.open && details.getBoundingClientRect().bottom + list.offsetHeight > seen.bottom;
}
