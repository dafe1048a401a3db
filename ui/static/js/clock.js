// <time data-clock datetime="DUE" data-server-now="NOW" data-label="…">: "04:12 left", then "04:12 late".
// The server's instant is the truth; the reader's own clock may be wrong and is only used to measure spans.
// data-clock="up" counts the time since datetime instead. data-soon: seconds from which the clock warns (600).
const MARKS = [1800, 600, 300, 60, 0, -300, -900, -1800, -3600]; // spoken at these seconds left, politely
const RESYNC_MS = 5 * 60_000;
const clocks = new Map(); // element -> seconds left at the last tick

// A page whose instants are made up (the kit) says <meta name="clock-sync" content="off">.
const mayAsk = document.querySelector('meta[name="clock-sync"]')?.content !== "off";
let news = []; // spoken in this tick: several clocks may pass a mark at once

let base = null; // server instant, and what the two local clocks said then

function set(server, ago = 0) {
  base = { server: server + ago, mono: performance.now(), wall: Date.now(), asked: performance.now() };
}

function serverNow() {
  return base.server + (performance.now() - base.mono);
}

// The monotonic clock stands still while a laptop sleeps and the wall clock can be set; if they disagree, or
// after a while, the server's Date header (whole seconds, RFC 9110 section 6.6.1) says who is right.
async function resync() {
  if (!mayAsk) return;
  base.asked = performance.now();
  try {
    const sent = performance.now();
    const answer = await fetch("/healthz", { method: "HEAD", cache: "no-store", credentials: "omit" });
    const stamp = Date.parse(answer.headers.get("date") ?? "");
    const half = (performance.now() - sent) / 2;
    if (!Number.isNaN(stamp)) { set(stamp + 500, half); return; }
  } catch { /* unreachable: the wall clock's span is the best there is */ }
  const slept = Date.now() - base.wall - (performance.now() - base.mono);
  if (slept > 2000) set(serverNow() + slept);
  else { base.wall = Date.now() - (performance.now() - base.mono); }
}

export function span(seconds) {
  const s = Math.abs(seconds);
  const two = (n) => String(n).padStart(2, "0");
  const [d, h, m] = [Math.floor(s / 86400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60];
  if (d) return `${d} d ${h} h`;
  return h ? `${h}:${two(m)}:${two(s % 60)}` : `${two(m)}:${two(s % 60)}`;
}

function spoken(seconds) {
  const minutes = Math.round(Math.abs(seconds) / 60);
  const words = minutes >= 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60 ? `${minutes % 60} min` : ""}`.trim() : `${minutes} min`;
  if (seconds === 0) return "due now";
  return seconds > 0 ? `${words} left` : `${words} late`;
}

function announce(el, before, left) {
  const mark = MARKS.find((m) => before > m && left <= m);
  const region = document.getElementById("live");
  if (mark === undefined || !region) return;
  news.push(`${el.dataset.label || "Next update"}: ${spoken(mark)}`);
  region.textContent = news.join(". ");
  if (mark === 0) el.dispatchEvent(new CustomEvent("clock:due", { bubbles: true }));
}

function show(el) {
  const at = Date.parse(el.dateTime);
  if (Number.isNaN(at)) { clocks.delete(el); return; }
  if (el.dataset.clock === "up") {
    el.textContent = span(Math.max(0, Math.floor((serverNow() - at) / 1000)));
    return;
  }
  const left = Math.ceil((at - serverNow()) / 1000);
  const before = clocks.get(el);
  el.dataset.state = left <= 0 ? "late" : left <= Number(el.dataset.soon || 600) ? "soon" : "calm";
  const text = left > 0 ? `${span(left)} left` : `${span(left)} late`;
  if (el.textContent !== text) el.textContent = text;
  if (typeof before === "number") announce(el, before, left);
  clocks.set(el, left);
}

export function scan(scope = document, ago = 0) {
  const found = [...scope.querySelectorAll("time[data-clock]")];
  const given = found.map((el) => Date.parse(el.dataset.serverNow)).filter((n) => !Number.isNaN(n));
  if (given.length) set(Math.max(...given), ago);
  else if (found.length && !base) set(Date.now());
  for (const el of found) {
    clocks.set(el, undefined);
    el.title ||= el.textContent.trim();
    show(el);
  }
}

function tick() {
  news = [];
  if (base && clocks.size) {
    const apart = Math.abs(Date.now() - base.wall - (performance.now() - base.mono));
    const since = performance.now() - base.asked;
    if (since > RESYNC_MS || (apart > 2000 && since > 2000)) resync();
    for (const el of clocks.keys()) el.isConnected ? show(el) : clocks.delete(el);
  }
  setTimeout(tick, base ? 1000 - (serverNow() % 1000) + 5 : 1000);
}

const page = performance.getEntriesByType("navigation")[0];
scan(document, page?.responseStart ? performance.now() - page.responseStart : 0);
document.addEventListener("htmx:load", (event) => scan(event.target.parentElement ?? document));
document.addEventListener("visibilitychange", () => { if (base && !document.hidden) resync(); });
addEventListener("pageshow", (event) => { if (event.persisted && base) resync(); });
tick();
