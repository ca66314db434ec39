// Pictures: their covers, their descriptions, and the large view.

import { withEmoji } from "/icons.js";

const pictures = new Map(); // key → its <img>, so that an edit does not load it again
const uncovered = new Set(); // the keys of the spoilers that the visitor has opened
const described = new Set(); // and of the pictures whose description is open; both outlive an edit of the message

/** An element with a class and a text. */
export function make(tag, className = "", text = null) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== null) node.append(...withEmoji(text));
  return node;
}

/** A picture, its cover if it is a spoiler, and its description: `{key, url, description, width, height, covered}`. */
export function picture({ key, url, description, width, height, covered }) {
  if (!pictures.has(key)) {
    const image = make("img");
    image.src = url;
    if (width) [image.width, image.height] = [width, height];
    pictures.set(key, image);
  }
  const image = pictures.get(key);
  image.alt = description ?? "";
  const frame = make("span", "picture");
  const opener = enlarger(image);
  frame.append(opener);
  if (covered && !uncovered.has(key)) cover(frame, opener, key);
  return description ? [frame, ...altBadge(frame, description, key)] : [frame];
}

/** The picture as a button that shows it large. */
function enlarger(image) {
  const button = make("button", "enlarge");
  button.type = "button";
  button.ariaLabel = `Enlarge: ${image.alt || "picture without a description"}`;
  button.append(image);
  button.addEventListener("click", () => enlarge(image));
  return button;
}

/** Discord's cover over a picture until somebody opens it; until then nothing of it can be reached. */
function cover(frame, opener, key) {
  const lid = make("button", "cover", "Spoiler");
  lid.type = "button";
  lid.ariaLabel = "Show the picture behind the spoiler";
  frame.classList.add("covered");
  opener.inert = true;
  lid.addEventListener("click", () => {
    uncovered.add(key);
    frame.classList.remove("covered");
    opener.inert = false;
    lid.remove();
    opener.focus();
  });
  frame.append(lid);
}

function altBadge(frame, description, key) {
  const text = make("p", "alt-text", description);
  text.hidden = !described.has(key);
  const badge = make("button", "alt", "ALT");
  badge.type = "button";
  badge.title = description;
  badge.ariaLabel = "Show the description";
  badge.ariaExpanded = String(!text.hidden);
  badge.addEventListener("click", () => {
    text.hidden = !text.hidden;
    badge.ariaExpanded = String(!text.hidden);
    text.hidden ? described.delete(key) : described.add(key);
  });
  frame.append(badge);
  return [text];
}

function enlarge(image) {
  const viewer = document.getElementById("viewer");
  viewer.querySelector("img").src = image.src;
  viewer.querySelector("img").alt = image.alt;
  viewer.querySelector("figcaption").textContent = image.alt;
  viewer.querySelector(".close").onclick = () => viewer.close();
  viewer.onclick = (event) => { if (event.target === viewer) viewer.close(); };
  viewer.showModal();
}
