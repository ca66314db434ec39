// Drawn signs: the page's own, and those of messages where the machine has no font for them.

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  dice: "M5 4h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM8.5 8.5h.01M15.5 8.5h.01M12 12h.01M8.5 15.5h.01M15.5 15.5h.01",
  pencil: "M4 20l1-5L16 4l4 4L9 19zM14 6l4 4",
  palette: "M12 3a9 9 0 1 0 0 18c1.5 0 2.2-1 1.7-2.2-.5-1.4.2-2.8 1.9-2.8H18a3 3 0 0 0 3-3c0-5.5-4-10-9-10zM7.5 12h.01M9 7.5h.01M14.5 7.5h.01",
  lens: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L21 21",
  bin: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  covered: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM4 20L20 4",
  stop: "M8.5 3h7L21 8.5v7L15.5 21h-7L3 15.5v-7zM8 12h8",
  diamond: "M12 6l6 6-6 6-6-6zM12 9v6M10 12h4",
  check: "M4 12.5l5.5 5.5L20 6.5",
  close: "M5 5l14 14M19 5L5 19",
  warning: "M12 3L2 21h20zM12 10v5M12 18h.01",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  menu: "M3 6h18M3 12h18M3 18h18",
  send: "M4 4l17 8-17 8 3-8zM7 12h14",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  away: "M7 17L18 6M9 6h9v9",
  thread: "M6 4v9a3 3 0 0 0 3 3h10M15 12l4 4-4 4",
  speech: "M4 5h16v11H10l-4 4v-4H4z",
  help: "M8.5 9a3.5 3.5 0 1 1 5 3.2c-1 .5-1.5 1.2-1.5 2.3M12 18h.01",
  face: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9 10h.01M15 10h.01M8.5 14.5c2 2 5 2 7 0",
};
const DRAWN = {
  "🎲": "dice", "✏": "pencil", "🎨": "palette", "🔎": "lens", "🗑": "bin", "👁": "eye", "🙈": "covered", "✋": "stop",
  "🔹": "diamond", "✅": "check", "❌": "close", "⚠": "warning", "💬": "speech",
};
const EMOJI = /((?:\p{RI}\p{RI}|\p{Extended_Pictographic})(?:\u{FE0F}|\u{20E3}|\p{EMod}|\u{200D}\p{Extended_Pictographic})*)/u;
const UNASSIGNED = "\u{378}"; // every font shows its box for it
const known = new Map(); // first code point → whether this machine can draw it

/** One of the drawn signs; decoration, unless it has a `label`. */
export function icon(name, label = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  if (label) svg.setAttribute("role", "img");
  svg.setAttribute(label ? "aria-label" : "aria-hidden", label || "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

/** The nodes of a text: a drawn sign stands where the machine would show an empty box. */
export function withEmoji(text) {
  return text.split(EMOJI).filter(Boolean).map((part) => (isMissing(part) ? icon(DRAWN[part.replace("\u{FE0F}", "")] ?? "face", part) : part));
}

/** The same where only text can stand, as in a list's options: what cannot be drawn is left out. */
export function withoutBoxes(text) {
  return text.split(EMOJI).filter((part) => part && !isMissing(part)).join("").trim();
}

function isMissing(part) {
  if (!EMOJI.test(part)) return false;
  // Where there is no font of emoji, those few that another font has would stand out among the drawn ones.
  return !canDraw(part) || (part.replace("\u{FE0F}", "") in DRAWN && !canDraw("🎲"));
}

function canDraw(emoji) {
  const first = String.fromCodePoint(emoji.codePointAt(0));
  if (!known.has(first)) known.set(first, pixels(first) !== pixels(UNASSIGNED) && pixels(first) !== pixels(" "));
  return known.get(first);
}

function pixels(text) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 24, height: 24 });
  const paint = canvas.getContext("2d", { willReadFrequently: true });
  paint.font = `16px ${getComputedStyle(document.body).fontFamily}`;
  paint.fillText(text, 2, 18);
  return paint.getImageData(0, 0, 24, 24).data.join();
}
