// Who the visitor is, and which language they speak.

import { avatar } from "/messages.js";
import { keep, recall } from "/memory.js";

const $ = (id) => document.getElementById(id);

/** What the tab chose before, for the address of the connection. */
export function remembered() {
  const chosen = { who: recall("tab", "who"), locale: recall("tab", "locale") };
  return new URLSearchParams(Object.entries(chosen).filter(([, value]) => value));
}

/** Prepare the two lists; `be({ who, locale })` has somebody sit down. */
export function preparePerson(be) {
  const choose = () => {
    keep("tab", "who", $("who").value);
    keep("tab", "locale", $("language").value);
    be({ who: $("who").value, locale: $("language").value });
  };
  for (const list of [$("who"), $("language")]) list.addEventListener("change", choose);
}

/** Show who sits here, as a snapshot tells it. */
export function showPerson({ visitor, account, accounts, locale, languages }) {
  $("me-avatar").replaceWith(Object.assign(avatar(visitor), { id: "me-avatar" }));
  fill($("who"), accounts.map(({ key, name, label }) => [key, `${name}, ${label}`]), account);
  fill($("language"), Object.entries(languages), locale);
}

function fill(list, entries, chosen) {
  list.replaceChildren(...entries.map(([value, text]) => Object.assign(new Option(text, value), { lang: list.id === "language" ? value : "" })));
  list.value = chosen;
}
