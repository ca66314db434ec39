// The box at the bottom: plain text, or a slash command with suggestions.

import { called, described, isCalled } from "/language.js";
import { make } from "/pictures.js";
import { choosePicture, upload } from "/upload.js";

const SUB = new Set([1, 2]);
const BOOLEAN = 5;
const USER = 6;
const CHANNEL = 7;
const ATTACHMENT = 11;
const MOST = 25;
const ASK_MS = 200;

/** Every command that can be run, groups opened up: `{ path, english, description, options }`; `path` is in the visitor's language. */
export function leaves(commands) {
  const open = (command, path, english) => {
    const nested = (command.options ?? []).filter((option) => SUB.has(option.type));
    if (nested.length) return nested.flatMap((option) => open(option, `${path} ${called(option)}`, `${english} ${option.name}`));
    return [{ path, english, description: described(command), options: command.options ?? [] }];
  };
  return commands.flatMap((command) => open(command, called(command), command.name));
}

/** How well a path answers what is typed: 0 it begins so, 1 one of its words does, 2 it stands within; more is no answer. */
function distance(path, typed) {
  if (path.startsWith(typed)) return 0;
  if (` ${path.replaceAll("-", " ")}`.includes(` ${typed}`)) return 1;
  return path.includes(typed) ? 2 : 3;
}

export class CommandLine {
  #input; #list; #world; #hints = []; #chosen = -1; #timer = 0; #asked = 0; #labels = new Map();

  /** `world`: `commands()`, `people()`, `places()`, `suggest(text, option)`, `changed()` and `complain(sentence)`. */
  constructor(input, list, world) {
    [this.#input, this.#list, this.#world] = [input, list, world];
    input.addEventListener("input", () => { world.changed(); this.#refresh(); });
    input.addEventListener("keydown", (event) => this.#onKey(event));
    input.addEventListener("blur", () => setTimeout(() => this.#show([]), 150));
    input.addEventListener("focus", () => this.#refresh());
  }

  /** Values by option, where the text shows a suggestion's label in place of its value. */
  values() {
    const text = this.#input.value;
    const found = {};
    for (const [option, { as, label, value }] of this.#labels) if (text.includes(`${as}:${label}`)) found[option] = value;
    return found;
  }

  clear() {
    this.#input.value = "";
    this.#labels.clear();
    this.#show([]);
  }

  /** Write a text for the visitor to send or to change. */
  type(text) {
    this.#input.value = text;
    this.#input.focus();
    this.#refresh();
  }

  /** The commands have changed: what is suggested may, too. */
  commandsChanged() {
    if (document.activeElement === this.#input) this.#refresh();
  }

  #refresh() {
    clearTimeout(this.#timer);
    this.#asked += 1;
    const text = this.#input.value;
    if (!text.startsWith("/")) return this.#show([]);
    const typed = text.slice(1);
    const all = leaves(this.#world.commands());
    for (const command of all) {
      const path = [command.path, command.english].find((name) => typed.startsWith(`${name} `));
      if (path) return this.#showOptions(command, typed.slice(path.length + 1));
    }
    this.#show(this.#commandHints(all, typed.trim().toLowerCase()));
  }

  #commandHints(all, typed) {
    return all
      .map((leaf) => ({ ...leaf, far: Math.min(distance(leaf.path, typed), distance(leaf.english, typed)) }))
      .filter((leaf) => leaf.far < 3)
      .sort((a, b) => a.far - b.far)
      .map((leaf) => ({ title: `/${leaf.path}`, detail: leaf.description, text: `/${leaf.path} ` }));
  }

  #showOptions(command, rest) {
    const named = (name) => command.options.find((option) => isCalled(option, name));
    const marks = [...rest.matchAll(/(?:^|\s)([-_'\p{L}\p{M}\p{N}]+):/gu)].filter((mark) => named(mark[1]));
    const last = marks.at(-1);
    const used = new Set(marks.map((mark) => named(mark[1])));
    const free = command.options.filter((option) => !used.has(option));
    if (!last) return this.#show(this.#optionHints(free, rest));
    const option = { ...named(last[1]), as: last[1] };
    const value = rest.slice(last.index + last[0].length).trimStart();
    const trailing = /\s(\S*)$/.exec(value);
    const more = trailing ? this.#optionHints(free, trailing[1]) : [];
    if (option.autocomplete) return this.#ask(option, value, more);
    if (option.type === ATTACHMENT && !this.#labels.has(option.name)) return this.#show([this.#fileHint(option)]);
    const bare = (text) => text.replace(/^[@#]/, "").toLowerCase();
    const fitting = this.#fixed(option).filter((label) => bare(label).startsWith(bare(value)) && label !== value).slice(0, MOST);
    this.#show([...fitting.map((label) => this.#valueHint(option, label)), ...more]);
  }

  /** All that can be chosen, where that is known beforehand. */
  #fixed(option) {
    if (option.choices) return option.choices.map(called);
    if (option.type === BOOLEAN) return ["true", "false"];
    if (option.type === USER) return this.#world.people().map((person) => `@${person.name}`);
    return option.type === CHANNEL ? this.#world.places().map((place) => `#${place.name}`) : [];
  }

  #optionHints(options, typed) {
    const before = this.#input.value.slice(0, this.#input.value.length - typed.length);
    return options
      .filter((option) => [option.name, called(option)].some((name) => name.startsWith(typed.toLowerCase())))
      .map((option) => ({ title: `${called(option)}:`, detail: described(option) + (option.required ? " (required)" : ""), text: `${before}${called(option)}:` }));
  }

  #valueHint(option, label) {
    const at = this.#input.value.lastIndexOf(`${option.as}:`) + option.as.length + 1;
    return { title: label, detail: "", text: `${this.#input.value.slice(0, at)}${label} ` };
  }

  /** Choosing it opens the browser's file dialog; the file's name stands in the text then. */
  #fileHint(option) {
    const attach = async () => {
      const file = await choosePicture();
      if (!file) return this.#input.focus();
      const sent = await upload(file);
      if (sent.error) return this.#world.complain(sent.error);
      const label = file.name.replaceAll(/[\s:]+/g, "-");
      this.#labels.set(option.name, { as: option.as, label, value: { upload: sent.id } });
      this.#input.value = this.#valueHint(option, label).text;
      this.#input.focus();
      this.#refresh();
    };
    return { title: "Choose a picture…", detail: "PNG, JPEG, WebP or GIF, at most 8 MB", text: this.#input.value, pick: attach, opens: true };
  }

  #ask(option, value, more) {
    const asked = this.#asked;
    const known = this.#labels.get(option.name);
    if (known && value.trim() === known.label) return this.#show(more);
    this.#timer = setTimeout(async () => {
      const report = await this.#world.suggest(this.#input.value, option.name);
      if (asked !== this.#asked) return;
      const hints = (report.choices ?? []).map((choice) => ({
        ...this.#valueHint(option, choice.name),
        pick: () => this.#labels.set(option.name, { as: option.as, label: choice.name, value: choice.value }),
      }));
      this.#show([...hints, ...more]);
    }, ASK_MS);
  }

  #show(hints) {
    this.#hints = hints;
    this.#chosen = hints.length ? 0 : -1;
    this.#list.hidden = !hints.length;
    this.#input.setAttribute("aria-expanded", String(hints.length > 0));
    this.#list.replaceChildren(...hints.map((hint, index) => this.#item(hint, index)));
    this.#mark();
  }

  #item(hint, index) {
    const item = document.createElement("li");
    item.id = `hint-${index}`;
    item.setAttribute("role", "option");
    item.append(make("b", "", hint.title), make("span", "", hint.detail));
    item.addEventListener("pointerdown", (event) => { event.preventDefault(); this.#pick(index); });
    return item;
  }

  #mark() {
    [...this.#list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === this.#chosen)));
    if (this.#chosen >= 0) this.#input.setAttribute("aria-activedescendant", `hint-${this.#chosen}`);
    else this.#input.removeAttribute("aria-activedescendant");
    this.#list.children[this.#chosen]?.scrollIntoView({ block: "nearest" });
  }

  #pick(index) {
    const hint = this.#hints[index];
    hint.pick?.();
    this.#input.value = hint.text;
    this.#input.focus();
    this.#refresh();
  }

  #onKey(event) {
    if (!this.#hints.length || event.isComposing) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      this.#chosen = (this.#chosen + steps[event.key] + this.#hints.length) % this.#hints.length;
      this.#mark();
    } else if (event.key === "Tab" && !event.shiftKey) this.#pick(this.#chosen);
    else if (event.key === "Enter" && !this.#hints[this.#chosen].title.endsWith(":") && !this.#complete()) this.#pick(this.#chosen);
    else if (event.key === "Escape") this.#show([]);
    else return;
    event.preventDefault();
  }

  /** Whether the text already says what the marked suggestion would make of it: Enter sends it then. */
  #complete() {
    const hint = this.#hints[this.#chosen];
    return !hint.opens && hint.text.trim() === this.#input.value.trim();
  }
}
