// The card that says what this is and what to try.

import { keep, recall } from "/memory.js";

const $ = (id) => document.getElementById(id);
const SEEN = "card";

/** Prepare the card; `tries` has what its three buttons do: `play()`, `ask()` and `be()`. */
export function prepareWelcome(tries) {
  $("help").addEventListener("click", open);
  $("welcome").addEventListener("close", () => keep("address", SEEN, "seen"));
  $("welcome-close").addEventListener("click", () => $("welcome").close());
  for (const button of $("welcome").querySelectorAll("[data-try]")) {
    button.addEventListener("click", () => {
      $("welcome").close();
      tries[button.dataset.try]();
    });
  }
}

/** Show it to whoever has not seen it; without a game there is nothing to try. */
export function welcome(canPlay) {
  for (const part of $("welcome").querySelectorAll("[data-with-game]")) part.hidden = (part.dataset.withGame === "yes") !== canPlay;
  if (!recall("address", SEEN) && !$("welcome").open) open();
}

/** From its top: a browser scrolls to the button that has the focus, which is the last thing on a phone. */
function open() {
  $("welcome").showModal();
  $("welcome").scrollTop = 0;
}
