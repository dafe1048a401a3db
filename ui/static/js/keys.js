// Keyboard: ? help · g then a letter (data-go on a link) · / search (data-search) · j k through data-list ·
// u UTC · single keys that a page declares with data-key="a" on a button or link.
// Letters stay silent while someone types, while a dialog is open, and for readers who switched them off (WCAG 2.1.4).
const help = () => document.getElementById("keys-help");
let leader = 0; // until when a letter counts as the second half of "g …"

const off = () => { try { return localStorage.getItem("keys") === "off"; } catch { return false; } };
const typing = (el) => el?.closest?.("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]:not([contenteditable=false])");
const seen = (el) => el.checkVisibility?.() ?? true;

function items() {
  return [...document.querySelectorAll("[data-list]")].filter(seen)
    .flatMap((list) => [...list.querySelectorAll("[data-item]")])
    .map((item) => (item.matches("a[href], button") ? item : item.querySelector("[data-open], a[href], button")))
    .filter(Boolean);
}

function move(step) {
  const all = items();
  if (!all.length) return false;
  const here = all.findIndex((el) => (el.closest("[data-item]") ?? el).contains(document.activeElement));
  const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, here + step));
  all[next].focus();
  all[next].closest("[data-item]")?.scrollIntoView({ block: "nearest" });
  return true;
}

function listPageKeys() {
  const list = document.querySelector("[data-keys-page]");
  if (!list) return;
  list.replaceChildren();
  for (const el of document.querySelectorAll("[data-key]")) {
    if (!seen(el)) continue;
    const [dt, dd, kbd] = ["dt", "dd", "kbd"].map((tag) => document.createElement(tag));
    kbd.textContent = el.dataset.key;
    dt.append(kbd);
    const name = el.cloneNode(true);
    for (const inner of name.querySelectorAll("kbd")) inner.remove();
    dd.textContent = el.getAttribute("aria-label") ?? name.textContent.trim();
    list.append(dt, dd);
  }
  list.previousElementSibling.hidden = list.hidden = !list.children.length;
}

function openHelp() {
  listPageKeys();
  if (help() && !help().open) help().showModal();
}

function act(key) {
  if (leader > performance.now()) {
    leader = 0;
    const link = document.querySelector(`a[data-go="${CSS.escape(key)}"]`);
    if (link) { link.click(); return true; }
  }
  switch (key) {
    case "?": openHelp(); return true;
    case "g": leader = performance.now() + 1500; return true;
    case "/": {
      const field = document.querySelector("[data-search]");
      if (!field) return false;
      const shut = document.querySelector(".nav-toggle");
      if (!seen(field) && shut) shut.open = true;
      field.focus();
      field.select();
      return true;
    }
    case "j": return move(1);
    case "k": return move(-1);
  }
  const el = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(seen);
  if (el && !el.disabled && el.getAttribute("aria-disabled") !== "true") {
    el.focus();
    el.click();
    return true;
  }
  if (key === "u") { document.querySelector("[data-utc-toggle]")?.click(); return true; }
  return false;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (event.key === "Escape" && event.target.matches?.("[data-search]")) { event.target.blur(); return; }
  if (typing(event.target) || document.querySelector("dialog[open]") || off()) return;
  if (event.key.length === 1 && act(event.key)) event.preventDefault();
});

document.addEventListener("click", (event) => { if (event.target.closest("[data-keys-open]")) { event.preventDefault(); openHelp(); } });
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-keys-switch]")) return;
  try { localStorage.setItem("keys", event.target.checked ? "on" : "off"); } catch { /* private mode */ }
});
for (const box of document.querySelectorAll("[data-keys-switch]")) box.checked = !off();
