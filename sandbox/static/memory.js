// What the page remembers: of this tab, and of every tab of this address. A browser that forbids it forgets.

const stores = { tab: () => sessionStorage, address: () => localStorage };

/** What was kept under this name, or "". */
export function recall(where, name) {
  try {
    return stores[where]().getItem(`scene-art ${name}`) ?? "";
  } catch {
    return "";
  }
}

/** Keep a text under this name. */
export function keep(where, name, text) {
  try {
    stores[where]().setItem(`scene-art ${name}`, text);
  } catch {
    // It is asked for again, then.
  }
}
