// The keyboard's place in what is drawn anew.

const STOPS = "button:not(:disabled), select:not(:disabled), a[href], summary";

/** Put `node` in the place of `old`: whoever stands on something in it stands on the same thing after it, or near by. */
export function replaceKeepingFocus(old, node) {
  const before = [...old.querySelectorAll(STOPS)];
  const at = before.indexOf(document.activeElement);
  const key = before[at]?.dataset.key;
  old.replaceWith(node);
  if (at < 0) return;
  const now = [...node.querySelectorAll(STOPS)];
  const same = key && now.find((stop) => stop.dataset.key === key);
  const near = same || now[Math.min(at, now.length - 1)] || document.getElementById("log");
  near.focus({ preventScroll: true });
}

/** Fill `box` anew; whoever stands on something in it that has a key stands on the same thing after it. */
export function refillKeepingFocus(box, nodes) {
  const key = box.contains(document.activeElement) && document.activeElement.dataset.key;
  box.replaceChildren(...nodes);
  if (key) [...box.querySelectorAll(STOPS)].find((stop) => stop.dataset.key === key)?.focus();
}
