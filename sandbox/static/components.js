// What a message has beside its text: files, rows of buttons, lists, boxes and galleries.

import { icon, withoutBoxes } from "/icons.js";
import { markdown } from "/markdown.js";
import { make, picture } from "/pictures.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "good", 4: "bad", 5: "secondary" };

/** Whether a component of the message shows this file, so that it is not shown on its own. */
export function shows(message, file) {
  return JSON.stringify(message.components).includes(`"attachment_id":"${file.id}"`);
}

/** A file under a message: a picture, or something to download. */
export function attachment(file) {
  if (!file.content_type?.startsWith("image/")) {
    const link = make("a", "file");
    link.append(icon("file"), `${file.filename} (${Math.ceil(file.size / 1024)} KiB)`);
    link.href = file.url;
    link.download = file.filename;
    return [link];
  }
  const wrap = make("div");
  wrap.append(...picture({ ...file, key: file.id, covered: file.filename.startsWith("SPOILER_") }));
  return [wrap];
}

/** The nodes of a component and of all inside it. */
export function drawComponent(component, message, tools) {
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
  return picture({ key: `${message.id}/${attachment_id ?? url}`, url, description: description ?? file?.description, width, height, covered: spoiler });
}

function label(component) {
  return [component.emoji?.name, component.label].filter(Boolean).join(" ");
}

function button(component, message, tools) {
  if (component.style === 5) {
    const link = make("a", "button secondary", label(component));
    link.append(icon("away"));
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
  node.ariaLabel = withoutBoxes(component.placeholder ?? "Choose");
  node.dataset.key = component.custom_id;
  node.append(new Option(withoutBoxes(component.placeholder ?? "Choose…"), "", true, true));
  for (const option of component.options ?? []) node.append(new Option(withoutBoxes(option.label), option.value, false, Boolean(option.default)));
  node.addEventListener("change", () => { if (node.value) tools.select(message, component.custom_id, [node.value]); });
  return node;
}
