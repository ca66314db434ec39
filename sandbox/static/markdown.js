// The few marks of chat text that people use, as DOM nodes: user text never becomes HTML.

const INLINE = [
  [/```(?:\w+\n)?([\s\S]+?)```/, (m) => element("pre", m[1].replace(/\n$/, ""))],
  [/`([^`\n]+)`/, (m) => element("code", m[1])],
  [/\*\*\*(\S[\s\S]*?)\*\*\*/, (m) => nest("strong", nest("em", inline(m[1])))],
  [/\*\*(\S[\s\S]*?)\*\*/, (m) => nest("strong", inline(m[1]))],
  [/__(\S[\s\S]*?)__/, (m) => nest("u", inline(m[1]))],
  [/\*(\S(?:[\s\S]*?\S)?)\*/, (m) => nest("em", inline(m[1]))],
  [/\b_([^_\s](?:[^_]*[^_\s])?)_\b/, (m) => nest("em", inline(m[1]))],
  [/~~([\s\S]+?)~~/, (m) => nest("s", inline(m[1]))],
  [/\|\|([\s\S]+?)\|\|/, (m) => spoiler(m[1])],
  [/<t:(\d+)(?::[tTdDfFR])?>/, (m) => element("time", new Date(m[1] * 1000).toLocaleString())],
  [/<@!?(\d+)>|@(?:everyone|here)\b/, (m) => mention(m[1] ? "@" + (names.get(m[1]) ?? "somebody") : m[0])],
  [/<?(https?:\/\/[^\s<>]+[^\s<>.,:;!?)"'\]])>?/, (m) => link(m[1])],
];

/** Names by user id, for mentions; the page fills it. */
export const names = new Map();

/** The nodes of a text: quoted lines become quotes, the rest keeps its line breaks. */
export function markdown(text) {
  const nodes = [];
  for (const block of text.split(/((?:^> .*(?:\n|$))+)/m)) {
    if (/^> /.test(block)) nodes.push(nest("blockquote", inline(block.replace(/^> /gm, "").trimEnd())));
    else if (block) nodes.push(...inline(block));
  }
  return nodes;
}

function inline(text) {
  let first = null;
  for (const [pattern, make] of INLINE) {
    const match = pattern.exec(text);
    if (match && (first === null || match.index < first.match.index)) first = { match, make };
  }
  if (first === null) return text ? [document.createTextNode(text)] : [];
  const { match, make } = first;
  return [...inline(text.slice(0, match.index)), make(match), ...inline(text.slice(match.index + match[0].length))];
}

function element(tag, text) {
  const node = document.createElement(tag);
  node.textContent = text;
  return node;
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
