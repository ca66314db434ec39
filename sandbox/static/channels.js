// The channels at the side.

import { icon } from "/icons.js";
import { make } from "/pictures.js";

const DIRECT = 1;

/** What stands before a channel's name. */
export function mark(channel) {
  if (channel.parent) return icon("thread");
  if (channel.age_restricted) return icon("warning");
  return sign(channel);
}

/** The same in a text. */
export function sign(channel) {
  return channel.kind === DIRECT ? "@" : "#";
}

/** A heading for each server and a button for each channel, threads below theirs; `place`: `current`, `unread` and `go(id)`. */
export function channelList(channels, place) {
  const groups = new Map();
  for (const channel of channels) {
    const group = channel.guild || "Direct messages";
    if (!groups.has(group)) groups.set(group, []);
    if (!channel.parent) groups.get(group).push(channel);
  }
  const threads = (channel) => channels.filter((thread) => thread.parent === channel.id);
  const family = (channel) => [channel, ...threads(channel)].map((member) => button(member, place));
  return [...groups].flatMap(([group, top]) => [make("h2", "", group), ...top.flatMap(family)]);
}

function button(channel, { current, unread, go }) {
  const node = make("button", "channel");
  node.type = "button";
  node.title = channel.name;
  node.dataset.key = channel.id;
  node.classList.toggle("thread", Boolean(channel.parent));
  node.classList.toggle("unread", unread.has(channel.id));
  if (channel.id === current) node.setAttribute("aria-current", "page");
  const before = Object.assign(make("span"), { ariaHidden: "true" });
  before.append(mark(channel));
  node.append(before, make("span", "name", channel.name));
  if (unread.has(channel.id)) node.append(Object.assign(make("span", "dot"), { title: "New" }));
  node.addEventListener("click", () => go(channel.id));
  return node;
}
