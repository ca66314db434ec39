// A dialog that the bot asked for.

import { withoutBoxes } from "/icons.js";

const $ = (id) => document.getElementById(id);
const PARAGRAPH = 2;

const ROLES = 6;
const CHANNELS = 8;
let known = { roles: [], channels: [] };

/** Show a modal; `lists` has the `roles` and `channels` to choose from; `send(values)` resolves to a report whose `error` keeps it open. */
export function openModal(modal, lists, send) {
  known = lists;
  const fields = [];
  const nodes = modal.components.flatMap((component) => draw(component, fields));
  $("modal-title").textContent = modal.title;
  $("modal-fields").replaceChildren(...nodes);
  problem("");
  const dialog = $("modal");
  $("modal-cancel").onclick = () => dialog.close();
  dialog.querySelector("form").onsubmit = async (event) => {
    event.preventDefault();
    if (dialog.ariaBusy === "true") return;
    dialog.ariaBusy = "true";
    const report = await send(Object.fromEntries(fields.map((field) => [field.id, field.value()])));
    dialog.ariaBusy = "false";
    if (report.error) problem(report.error);
    else dialog.close();
  };
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("input, textarea, select")?.focus();
}

function problem(text) {
  $("modal-problem").textContent = text;
  $("modal-problem").hidden = text === "";
}

function draw(component, fields, heading = {}) {
  switch (component.type) {
    case 1: return component.components.flatMap((child) => draw(child, fields));
    case ROLES: return [field(component, heading, chooser(listed(component, known.roles)), fields)];
    case CHANNELS: return [field(component, heading, chooser(listed(component, known.channels)), fields)];
    case 3: return [field(component, heading, chooser(component), fields)];
    case 4: return [field(component, heading, textInput(component), fields)];
    case 10: return [Object.assign(document.createElement("p"), { textContent: component.content })];
    case 18: return draw(component.component, fields, component);
    default: return [Object.assign(document.createElement("p"), { textContent: "(something this page cannot show)" })];
  }
}

function field(component, heading, input, fields) {
  const label = document.createElement("label");
  label.className = "field";
  const title = document.createElement("span");
  title.textContent = (heading.label ?? component.label ?? "") + (component.required === false ? "" : " *");
  label.append(title);
  if (heading.description) label.append(Object.assign(document.createElement("small"), { textContent: heading.description }));
  label.append(input);
  fields.push({ id: component.custom_id, value: () => (component.type === 4 ? input.value : [...input.selectedOptions].map((o) => o.value).filter(Boolean)) });
  return label;
}

function textInput(component) {
  const input = document.createElement(component.style === PARAGRAPH ? "textarea" : "input");
  input.value = component.value ?? "";
  input.placeholder = component.placeholder ?? "";
  input.required = component.required !== false;
  input.maxLength = component.max_length ?? 4000;
  if (component.min_length) input.minLength = component.min_length;
  return input;
}

/** A select of roles or channels as a select of options. */
function listed(component, entries) {
  const chosen = new Set((component.default_values ?? []).map((value) => value.id));
  const options = entries.map(({ id, name }) => ({ label: name, value: id, default: chosen.has(id) }));
  return { ...component, options: component.min_values ? options : [{ label: "Nobody and nothing", value: "" }, ...options] };
}

function chooser(component) {
  const select = document.createElement("select");
  select.multiple = (component.max_values ?? 1) > 1;
  select.required = component.required !== false;
  for (const option of component.options ?? []) select.append(new Option(withoutBoxes(option.label), option.value, false, Boolean(option.default)));
  return select;
}
