// A turn of the visitor's own: what happens, in which game, and who is there.

import { icon } from "/icons.js";
import { make } from "/pictures.js";
import { PICTURES, upload } from "/upload.js";

const MOST = 8;
const $ = (id) => document.getElementById(id);

/** Prepare the dialog; `send(turn)` resolves to a report whose `error` keeps it open. */
export function preparePlay(send) {
  $("play-open").addEventListener("click", () => {
    problem("");
    if (!$("play-people").children.length) addPerson();
    $("play").showModal();
    $("play-narrative").focus();
  });
  $("play-add").addEventListener("click", () => addPerson().querySelector("input").focus());
  $("play-requested").addEventListener("change", () => { $("play-aspect").disabled = !$("play-requested").checked; });
  $("play-cancel").addEventListener("click", () => $("play").close());
  $("play").querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if ($("play").ariaBusy === "true") return;
    $("play").ariaBusy = "true";
    problem((await publishTurn(send)) ?? "");
    $("play").ariaBusy = "false";
  });
}

/** The problem in a sentence; nothing when the turn is on its way and the dialog closed. */
async function publishTurn(send) {
  const characters = [];
  for (const row of $("play-people").children) {
    const [name, file] = row.querySelectorAll("input");
    const given = { name: name.value.trim() };
    if (file.files.length) {
      const sent = await upload(file.files[0]);
      if (sent.error) return sent.error;
      given.upload = sent.id;
    }
    if (given.name || given.upload) characters.push(given);
  }
  const report = await send({
    game: $("play-game").value,
    narrative: $("play-narrative").value,
    requested: $("play-requested").checked,
    aspect: $("play-aspect").value,
    characters,
  });
  if (report.error) return report.error;
  $("play-narrative").value = "";
  $("play").close();
  return null;
}

function addPerson() {
  const row = make("li", "person");
  const name = Object.assign(make("input"), { type: "text", maxLength: 80, placeholder: "Name", ariaLabel: "Name of the character" });
  const file = Object.assign(make("input"), { type: "file", accept: PICTURES, ariaLabel: "Picture of the character" });
  const remove = Object.assign(make("button", "button secondary"), { type: "button", ariaLabel: "Remove the character" });
  remove.append(icon("close"));
  remove.addEventListener("click", () => {
    row.remove();
    $("play-add").hidden = false;
    $("play-add").focus();
  });
  row.append(name, file, remove);
  $("play-people").append(row);
  $("play-add").hidden = $("play-people").children.length >= MOST;
  return row;
}

function problem(text) {
  $("play-problem").textContent = text;
  $("play-problem").hidden = text === "";
}
