// The editor saves by itself: 1.5 s after the last key, at the latest 10 s after the first. Every key is kept in this
// browser until the server has it. A newer version on the server stops the saving and asks; nothing is overwritten.
const IDLE_MS = 1500;
const LONGEST_MS = 10000;
const RETRY_MS = 5000;

const form = document.querySelector("form[data-autosave]");
const status = document.getElementById("save-state");
const conflict = document.getElementById("conflict");
const stopped = document.getElementById("stopped");
const slot = `draft:${form.dataset.update}:${form.dataset.user}`;
const channel = "BroadcastChannel" in window ? new BroadcastChannel(`update:${form.dataset.update}`) : null;

let base = Number(form.dataset.revision);
let newest = base;
let firstKey = 0;
let timer = 0;
let sending = null;
let halted = false;
let kept = true; // whether this browser could keep what is typed
let dropped = false; // the reader threw their own text away: nothing may put it back

const TECHNICAL = new Set(["csrfmiddlewaretoken", "base_revision", "unlocked", "act"]);
const fields = () => [...new FormData(form)].filter(([name]) => !TECHNICAL.has(name));
const text = () => JSON.stringify(fields());
let savedText = text();

function store(value) {
  try {
    if (value === null) localStorage.removeItem(slot);
    else localStorage.setItem(slot, JSON.stringify(value));
    kept = true;
  } catch { kept = value === null; /* private mode or full: the server still gets every save */ }
}
function stored() {
  try { return JSON.parse(localStorage.getItem(slot)); } catch { return null; }
}
const keep = () => dropped || store(text() === savedText && !halted ? null : { base, fields: fields(), at: new Date().toISOString() });

function say(state, words) {
  status.dataset.state = state;
  status.textContent = words;
}
// In the zone that the rest of the page speaks in, which need not be the browser's, and by the name that it has there.
const { zone, zoneWord } = document.documentElement.dataset;
const zoned = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone });
const clock = (iso) => `${zoned.format(new Date(iso))} ${zoneWord}`;
const whereKept = () => (kept ? "Kept in this browser" : "It is too much to be kept in this browser: do not close this page");

// What the server would refuse is not sent, and nothing is cut off: the text stays as it was pasted.
function overlong() {
  const found = {};
  for (const el of form.querySelectorAll("[data-longest]")) {
    const longest = Number(el.dataset.longest);
    const length = el.value.length > longest ? [...el.value].length : 0;
    if (length > longest) found[el.id] = [`At most ${longest.toLocaleString("en")} characters; these are ${length.toLocaleString("en")}. Shorten it: until then it is not saved.`];
  }
  return found;
}

function fill(values) {
  for (const el of form.elements) {
    if (!el.name || TECHNICAL.has(el.name) || el.type === "submit") continue;
    const typed = values.filter(([name]) => name === el.name).map(([, value]) => value);
    if (el.type === "checkbox" || el.type === "radio") el.checked = typed.includes(el.value);
    else if (typed.length) el.value = typed[0];
  }
  document.body.dispatchEvent(new CustomEvent("editor:filled", { bubbles: true }));
  showDependents();
}

function schedule(wait = IDLE_MS) {
  clearTimeout(timer);
  if (halted) return;
  firstKey ||= Date.now();
  timer = setTimeout(save, Math.max(0, Math.min(wait, firstKey + LONGEST_MS - Date.now())));
}

function halt(why) {
  halted = true;
  clearTimeout(timer);
  keep();
  for (const button of document.querySelectorAll("[form=editor][name=act]:not([data-keep-mine])")) button.disabled = true;
  if (why) {
    stopped.querySelector("[data-why]").textContent = why;
    stopped.hidden = false;
    say("failed", "Not saved");
  }
}

// Who saves in a second tab is not told of "theirs": the other text is their own.
function newer({ revision, by, at, mine }) {
  newest = Math.max(newest, revision);
  conflict.querySelector("[data-by]").textContent = mine ? "you, in another tab or window," : by;
  conflict.querySelector("[data-whose]").textContent = mine ? "what you saved there" : "theirs";
  conflict.querySelector("[data-take-theirs]").textContent = mine ? "Drop this text, take what I saved there" : "Drop my text, take theirs";
  const when = conflict.querySelector("[data-at]");
  if (when) when.textContent = `at ${clock(at)}`;
  conflict.querySelector("[data-number]").textContent = revision;
  conflict.hidden = false;
  halt("");
  say("failed", "Saving has stopped: a newer version exists");
}

function beside(errors) {
  for (const old of form.querySelectorAll("[data-autosave-error]")) old.remove();
  for (const el of form.querySelectorAll("[aria-invalid]")) el.removeAttribute("aria-invalid");
  for (const [id, sentences] of Object.entries(errors)) {
    const el = document.getElementById(id);
    const place = el?.closest(".field") ?? form;
    const list = document.createElement("ul");
    list.className = "field-error";
    list.dataset.autosaveError = "";
    for (const sentence of sentences) list.append(Object.assign(document.createElement("li"), { textContent: sentence }));
    if (el?.matches("input, select, textarea")) el.setAttribute("aria-invalid", "true");
    place === form ? place.prepend(list) : place.append(list);
  }
}

async function answer(response, sent) {
  if (response.type === "opaqueredirect" || response.status === 401 || response.status === 403) {
    return halt("You were signed out, or may not write this any more. Your text is kept in this browser: sign in in another tab, then reload this page.");
  }
  if (response.status === 400 || response.status === 413) return say("failed", `Not saved: the server refused it as too much at once. ${whereKept()}`);
  if (response.status === 404) return halt("This update is no longer open to you. Your text is kept in this browser.");
  const said = await response.json();
  if (response.status === 412) return newer(said);
  if (response.status === 409) return halt(`${said.message} Your text is kept in this browser.`);
  if (response.status === 422) {
    beside(said.errors);
    return say("failed", "Not saved: see the fields marked");
  }
  if (!response.ok) throw new Error(String(response.status));
  beside({});
  const made = said.revision > base;
  base = said.revision;
  newest = Math.max(newest, base);
  form.elements.base_revision.value = base;
  savedText = sent;
  keep();
  for (const el of document.querySelectorAll("[data-revision-shown]")) el.textContent = base;
  for (const el of document.querySelectorAll("[data-state-shown]")) el.innerHTML = said.badge;
  if (made) channel?.postMessage({ revision: base, by: said.by, at: said.at, user: form.dataset.user });
  text() === sent ? say("saved", `Saved ${clock(said.at)}`) : schedule();
}

async function save() {
  if (sending || halted) return;
  clearTimeout(timer);
  const sent = text();
  if (sent === savedText) { firstKey = 0; keep(); return; }
  firstKey = 0;
  const long = overlong();
  if (Object.keys(long).length) {
    beside(long);
    keep();
    return say("failed", `Not saved: a text is too long. ${whereKept()}`);
  }
  say("waiting", "Saving …");
  const body = new FormData(form);
  body.set("base_revision", base);
  sending = fetch(form.dataset.saveUrl, { method: "POST", body, redirect: "manual", headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value } })
    .then((response) => answer(response, sent))
    .catch(() => { say("failed", `Not saved: the server does not answer. ${whereKept()}, trying again`); schedule(RETRY_MS); firstKey = 0; })
    .finally(() => { sending = null; });
  await sending;
}

function showDependents() {
  for (const el of document.querySelectorAll("[data-only-when]")) {
    const [name, value] = el.dataset.onlyWhen.split("=");
    el.hidden = form.elements[name]?.value !== value;
  }
}

form.addEventListener("input", () => { showDependents(); keep(); if (!halted) say("waiting", "Not saved yet"); schedule(); });
addEventListener("pagehide", keep);
document.addEventListener("visibilitychange", () => { if (document.hidden) { keep(); save(); } });

// A save under way is let finish first, or the form would seem to be made from an older version.
form.addEventListener("submit", (event) => {
  if (event.submitter?.value === "over") { halted = true; return; }
  clearTimeout(timer);
  keep();
  if (!sending) { halted = true; return; }
  event.preventDefault();
  const by = event.submitter;
  sending.finally(() => { if (!halted) form.requestSubmit(by); });
});

channel?.addEventListener("message", ({ data }) => { if (data.revision > base) newer({ ...data, mine: data.user === form.dataset.user }); });

// What is too long to be saved is not sent for a preview either: what stands there is of before, and says so.
const preview = document.getElementById("preview");
const still = document.getElementById("preview-still");
preview.addEventListener("htmx:beforeRequest", (event) => {
  still.hidden = !Object.keys(overlong()).length;
  if (!still.hidden) event.preventDefault();
});
preview.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status !== 413) return;
  event.stopPropagation();
  still.hidden = false;
});

conflict.querySelector("[data-take-theirs]").addEventListener("click", () => { halted = dropped = true; store(null); });

// A gap named in the list: open its tab and select the mark.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#preview .gaps a");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  const panel = field.closest(".tab-panel");
  if (panel?.hidden) document.querySelector(`.tab-list a[href="#${panel.id}"]`)?.click();
  field.focus();
  const at = field.value.indexOf(`[[fill in: ${link.dataset.mark}]]`);
  if (at >= 0) field.setSelectionRange(at, field.value.indexOf("]]", at) + 2);
});

const left = stored();
if ("typed" in form.dataset) {
  // The server sent the form back with what was typed and why it was refused: none of it is stored yet.
  savedText = "";
  keep();
  if (!conflict.hidden) halt("");
} else if (left && JSON.stringify(left.fields) !== savedText) {
  fill(left.fields);
  if (left.base === base) {
    say("waiting", `Put back what you typed at ${clock(left.at)}`);
    schedule();
  } else {
    newer({ revision: base, by: form.dataset.savedBy, at: form.dataset.savedAt, mine: "savedMine" in form.dataset });
  }
} else {
  store(null);
}
showDependents();
