// The few marks of chat text that people use, as DOM nodes: user text never becomes HTML.

import { icon, withEmoji } from "/icons.js";

const INLINE = [
  [/```(?:\w*\n)?([\s\S]+?)```\n?/, (m) => element("pre", m[1].replace(/\n$/, ""))],
  [/`([^`\n]+)`/, (m) => element("code", m[1])],
  [/\*\*\*(\S[\s\S]*?)\*\*\*/, (m) => nest("strong", nest("em", inline(m[1])))],
  [/\*\*(\S[\s\S]*?)\*\*/, (m) => nest("strong", inline(m[1]))],
  [/__(\S[\s\S]*?)__/, (m) => nest("u", inline(m[1]))],
  [/\*(\S(?:[\s\S]*?\S)?)\*/, (m) => nest("em", inline(m[1]))],
  [/\b_([^_\s](?:[^_]*[^_\s])?)_\b/, (m) => nest("em", inline(m[1]))],
  [/~~([\s\S]+?)~~/, (m) => nest("s", inline(m[1]))],
  [/\|\|([\s\S]+?)\|\|/, (m) => spoiler(m[1])],
  [/<t:(\d+)(?::[tTdDfFR])?>/, (m) => element("time", when(m[1]))],
  [/<@!?(\d+)>|@(?:everyone|here)\b/, (m) => mention(m[1] ? "@" + (names.get(m[1]) ?? "somebody") : m[0])],
  [/<@&(\d+)>/, (m) => mention("@" + (names.get(m[1]) ?? "a role"))],
  [/<\/([^:>\n]+):\d+>/, (m) => mention(`/${m[1]}`)],
  [/<#(\d+)>/, (m) => jumpLink(m[1])],
  [/https?:\/\/discord\.com\/channels\/(\d+|@me)\/(\d+)(?:\/(\d+))?/, (m) => jumpLink(m[2], m[3])],
  [/<?(https?:\/\/[^\s<>]+[^\s<>.,:;!?)"'\]])>?/, (m) => link(m[1])],
];

/** Names by the id of a person or a role, for mentions; the page fills it. */
export const names = new Map();

/** What a link to a message shows and does; the page fills it: `name(channelId)`, with its sign, and `go(channelId, messageId)`. */
export const places = { name: () => "a channel", go: () => {} };

/** The nodes of a text: quoted lines, headings and small print become their own, the rest keeps its line breaks. */
export function markdown(text) {
  return text.split(/((?:^> .*(?:\n|$))+|^(?:#{1,3}|-#) .*(?:\n|$))/m).flatMap(block);
}

function block(text) {
  const heading = /^(#{1,3}|-#) (.*)/.exec(text);
  if (heading) return [nest(heading[1] === "-#" ? "small" : `h${heading[1].length + 2}`, inline(heading[2]))];
  if (/^> /.test(text)) return [nest("blockquote", inline(text.replace(/^> /gm, "").trimEnd()))];
  return inline(text);
}

function inline(text) {
  let first = null;
  for (const [pattern, make] of INLINE) {
    const match = pattern.exec(text);
    if (match && (first === null || match.index < first.match.index)) first = { match, make };
  }
  if (first === null) return withEmoji(text);
  const { match, make } = first;
  return [...inline(text.slice(0, match.index)), make(match), ...inline(text.slice(match.index + match[0].length))];
}

function element(tag, text) {
  const node = document.createElement(tag);
  node.append(...withEmoji(text));
  return node;
}

function when(seconds) {
  return new Date(seconds * 1000).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}

function nest(tag, children) {
  const node = document.createElement(tag);
  node.append(...[children].flat());
  return node;
}

function link(address) {
  const node = element("a", address);
  node.href = address;
  node.rel = "noopener noreferrer";
  node.target = "_blank";
  return node;
}

function jumpLink(channel, message) {
  const node = element("button", places.name(channel));
  if (message) node.append(" › ", icon("speech", "a message"));
  node.type = "button";
  node.className = "mention";
  node.addEventListener("click", () => places.go(channel, message));
  return node;
}

function mention(text) {
  const node = element("span", text);
  node.className = "mention";
  return node;
}

function spoiler(text) {
  const node = nest("button", inline(text));
  node.type = "button";
  node.className = "spoiler";
  node.addEventListener("click", () => node.classList.toggle("open"));
  return node;
}
