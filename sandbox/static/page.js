// The page: one websocket brings everything, and every wish of the visitor goes out through it.

import { channelList, mark, sign } from "/channels.js";
import { CommandLine } from "/commandline.js";
import { refillKeepingFocus, replaceKeepingFocus } from "/focus.js";
import { icon } from "/icons.js";
import { language } from "/language.js";
import { names, places } from "/markdown.js";
import { drawMessage } from "/messages.js";
import { openModal } from "/modal.js";
import { preparePerson, remembered, showPerson } from "/person.js";
import { preparePlay } from "/play.js";
import { prepareWelcome, welcome } from "/welcome.js";

const TYPING_MS = 8000;
const JOIN_MS = 7 * 60 * 1000;
const SLACK_PX = 80;

const $ = (id) => document.getElementById(id);
const channels = new Map();
const messages = new Map(); // channel id → Map of message id → message, in order
const unread = new Set();
const dismissed = new Set();
const LOST = "The page has lost its connection. Try again in a moment.";
const pending = new Map();
let visitor = null;
let people = [];
let current = null;
let socket = null;
let counter = 0;
let typingTimer = 0;

// The wire

function connect() {
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live?${remembered()}`);
  socket.addEventListener("open", () => setState(""));
  socket.addEventListener("message", (event) => receive(JSON.parse(event.data)));
  socket.addEventListener("close", () => {
    setState("Connection lost, trying again…");
    for (const done of pending.values()) done({ error: LOST });
    pending.clear();
    setTimeout(connect, 1000);
  });
}

function setState(text) {
  $("state").textContent = text;
  $("state").classList.toggle("lost", text !== "");
}

/** Ask the server for something; resolves to its report, which may carry `error`, `modal` or `choices`. */
function wish(what) {
  if (socket?.readyState !== WebSocket.OPEN) return Promise.resolve({ error: LOST });
  const id = ++counter;
  socket.send(JSON.stringify({ id, channel: current, ...what }));
  return new Promise((resolve) => pending.set(id, resolve));
}

/** Do something, show what went wrong, open the dialog that comes back. */
async function act(what) {
  const report = await wish(what);
  showProblem(report.error ?? "");
  const lists = { roles: channels.get(current)?.roles ?? [], channels: [...channels.values()].filter((c) => c.guild && !c.parent) };
  if (report.modal) openModal(report.modal, lists, (values) => wish({ do: "submit", modal: report.modal.key, values }));
  return report;
}

function receive(news) {
  const handlers = { snapshot, channels: (n) => setChannels(n.channels), message: takeMessage, delete: removeMessage, typing, done };
  handlers[news.type]?.(news);
}

function done(report) {
  pending.get(report.id)?.(report);
  pending.delete(report.id);
}

// What is there

function snapshot(news) {
  ({ visitor, people } = news);
  language.locale = $("hints").lang = news.locale;
  $("play-open").hidden = !news.can_play;
  $("no-play").hidden = news.can_play;
  for (const person of people) names.set(person.id, person.name);
  showPerson(news);
  messages.clear();
  for (const message of news.messages) if (!dismissed.has(message.id)) store(message);
  setChannels(news.channels);
  drawLog();
  welcome(news.can_play);
}

function setChannels(list) {
  channels.clear();
  for (const channel of list) channels.set(channel.id, channel);
  for (const role of list.flatMap((channel) => channel.roles)) names.set(role.id, role.name);
  const wanted = location.hash.slice(1);
  if (!channels.has(current)) current = channels.has(wanted) ? wanted : (list[0]?.id ?? null);
  drawChannels();
  drawHeader();
  line.commandsChanged();
}

function store(message) {
  if (!messages.has(message.channel_id)) messages.set(message.channel_id, new Map());
  messages.get(message.channel_id).set(message.id, message);
  names.set(message.author.id, message.author.global_name ?? message.author.username);
  for (const person of message.mentions) names.set(person.id, person.global_name ?? person.username);
}

function takeMessage({ message }) {
  const known = messages.get(message.channel_id)?.has(message.id);
  store(message);
  if (message.channel_id !== current) {
    if (!known) unread.add(message.channel_id);
    drawChannels();
    return;
  }
  if (message.author.id !== visitor.id) $("typing").textContent = "";
  drawOne(message, known);
}

function removeMessage(news) {
  messages.get(news.channel)?.delete(news.id);
  const node = document.getElementById(`m${news.id}`);
  if (!node) return;
  const held = node.contains(document.activeElement);
  const next = messages.get(current).get(node.nextElementSibling?.id.slice(1));
  node.remove();
  if (next) drawOne(next, true); // it may have to say again who speaks
  if (!$("log").children.length) drawLog();
  if (held) $("line").focus();
}

function typing(news) {
  if (news.channel === current) mention(`${news.name} is typing…`);
}

/** Say something above the line, for some seconds. */
function mention(text) {
  $("typing").textContent = text;
  clearTimeout(typingTimer);
  typingTimer = setTimeout(() => { $("typing").textContent = ""; }, TYPING_MS);
}

// Drawing

function drawChannels() {
  refillKeepingFocus($("channels"), channelList([...channels.values()], { current, unread, go }));
}

function go(id) {
  current = id;
  unread.delete(id);
  history.replaceState(null, "", `#${id}`);
  showProblem("");
  $("typing").textContent = "";
  openSidebar(false);
  drawChannels();
  drawHeader();
  drawLog();
  $("line").focus();
}

function drawHeader() {
  const channel = channels.get(current);
  $("title").textContent = channel?.name ?? "Nothing here yet";
  document.querySelector(".hash").replaceChildren(...(channel ? [mark(channel)] : []));
  $("topic").textContent = channel?.topic ?? "";
  document.title = `${channel ? `${sign(channel)}${channel.name} · ` : ""}scene-art · a pretend Discord`;
}

const tools = {
  press: (message, custom_id) => act({ do: "press", message: message.id, custom_id }),
  select: (message, custom_id, values) => act({ do: "select", message: message.id, custom_id, values }),
  menu: (message, name) => act({ do: "menu", message: message.id, name }),
  menus: () => (channels.get(current)?.commands ?? []).filter((command) => command.type === 3),
  find: (id) => messages.get(current)?.get(id),
  jump: (id) => jump(id),
  dismiss: (message) => dismissed.add(message.id) && removeMessage({ id: message.id, channel: message.channel_id }),
};

function joins(message, before) {
  if (!before || message.message_reference || message.interaction_metadata || message.ephemeral || before.ephemeral) return false;
  return message.author.id === before.author.id && new Date(message.timestamp) - new Date(before.timestamp) < JOIN_MS;
}

function inOrder() {
  return [...(messages.get(current)?.values() ?? [])].sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
}

function drawLog() {
  const list = inOrder();
  const nodes = list.map((message, index) => drawMessage(message, joins(message, list[index - 1]), tools));
  if (!nodes.length) nodes.push(Object.assign(document.createElement("li"), { className: "nothing", textContent: "No messages yet." }));
  $("log").replaceChildren(...nodes);
  toBottom();
}

function drawOne(message, known) {
  const atBottom = $("log").scrollHeight - $("log").scrollTop - $("log").clientHeight < SLACK_PX;
  const list = inOrder();
  const index = list.findIndex((other) => other.id === message.id);
  const node = drawMessage(message, joins(message, list[index - 1]), tools);
  const old = known && document.getElementById(`m${message.id}`);
  if (old) replaceKeepingFocus(old, node);
  else {
    $("log").querySelector(".nothing")?.remove();
    $("log").append(node);
  }
  if (atBottom || (!known && message.author.id === visitor.id)) toBottom();
}

function toBottom() {
  const log = $("log");
  log.scrollTop = log.scrollHeight;
  for (const image of log.querySelectorAll("img")) {
    if (!image.complete) image.addEventListener("load", () => { log.scrollTop = log.scrollHeight; }, { once: true });
  }
}

function jump(id) {
  const node = document.getElementById(`m${id}`);
  if (!node) return;
  node.scrollIntoView({ block: "center" });
  node.classList.remove("found");
  requestAnimationFrame(() => node.classList.add("found"));
}

places.name = (id) => (channels.has(id) ? sign(channels.get(id)) + channels.get(id).name : "#unknown");
places.go = (channel, message) => {
  if (channel !== current && channels.has(channel)) go(channel);
  if (message) jump(message);
};

// The visitor's hands

function showProblem(text) {
  $("problem").textContent = text;
  $("problem").hidden = text === "";
}

function isSidebarOpen() {
  return $("sidebar").classList.contains("open");
}

/** On a phone the channels lie over the conversation; the keyboard goes in and out with them. */
function openSidebar(open) {
  const before = isSidebarOpen();
  $("sidebar").classList.toggle("open", open);
  $("menu").setAttribute("aria-expanded", String(open));
  if (open) ($("channels").querySelector("[aria-current]") ?? $("channels").querySelector("button"))?.focus();
  else if (before) $("menu").focus();
}

const line = new CommandLine($("line"), $("hints"), {
  commands: () => (channels.get(current)?.commands ?? []).filter((command) => command.type === 1),
  people: () => people,
  places: () => [...channels.values()].filter((channel) => channel.guild && channel.guild === channels.get(current)?.guild),
  suggest: (text, focused) => wish({ do: "suggest", text, focused }),
  changed: () => showProblem(""),
  complain: showProblem,
});

$("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = $("line").value.trim();
  if (!text || !current) return;
  const values = line.values();
  line.clear();
  const report = await act(text.startsWith("/") ? { do: "command", text, values } : { do: "say", text });
  if (report.error && !$("line").value) $("line").value = text;
});

preparePlay((turn) => wish({ do: "play", ...turn }));
preparePerson(async (person) => {
  const report = await act({ do: "be", ...person });
  if (!report.error) mention(`You are ${$("who").selectedOptions[0].text} now. The bot answers in ${$("language").selectedOptions[0].text}.`);
});
prepareWelcome({
  play: () => $("play-open").click(),
  ask: () => line.type("/scene-art draw text:A lighthouse above a stormy sea at dusk"),
  be: () => {
    openSidebar(true);
    $("who").focus();
  },
});
for (const place of document.querySelectorAll("[data-icon]")) place.prepend(icon(place.dataset.icon));

$("menu").addEventListener("click", () => openSidebar(!isSidebarOpen()));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") openSidebar(false);
});
document.addEventListener("click", (event) => {
  if (isSidebarOpen() && !event.target.closest("#sidebar, #menu, dialog")) openSidebar(false);
  for (const open of document.querySelectorAll(".apps[open]")) if (!open.contains(event.target)) open.open = false;
});

connect();
