// <time datetime="…Z">12:31 UTC</time> is shown in the reader's zone, with UTC in its title, beside it where
// data-utc="beside" is set, and beside every time while the reader has switched UTC on (key u).
// data-format: "time" · "date" · "full" · none = time today, else day and time.
const day = (date, zone) => new Intl.DateTimeFormat("en-CA", { dateStyle: "short", timeZone: zone }).format(date);
const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const date = { day: "numeric", month: "short" };
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

function words(at, format, timeZone) {
  const today = day(at, timeZone) === day(new Date(), timeZone);
  const thisYear = day(at, timeZone).slice(0, 4) === day(new Date(), timeZone).slice(0, 4);
  const year = thisYear ? {} : { year: "numeric" };
  const fields = { time: clock, date: { ...date, year: "numeric" }, full: { weekday: "short", ...date, year: "numeric", ...clock } }[format]
    ?? (today ? clock : { ...date, ...year, ...clock });
  return new Intl.DateTimeFormat("en-GB", { ...fields, timeZone }).format(at);
}

export function render(scope = document) {
  for (const el of scope.querySelectorAll("time[datetime]:not([data-clock], [data-shown])")) {
    const at = new Date(el.dateTime);
    // A plain day has no zone: leave it as the server wrote it.
    if (Number.isNaN(at.getTime()) || !el.dateTime.includes("T")) continue;
    el.dataset.shown = "";
    const local = words(at, el.dataset.format, zone);
    const utc = `${words(at, el.dataset.format, "UTC")} UTC`;
    if (`${local} UTC` === utc) { el.textContent = el.dataset.format === "date" ? local : utc; continue; }
    el.title = utc;
    const beside = document.createElement("span");
    beside.className = "utc";
    beside.textContent = ` (${utc})`;
    el.replaceChildren(local, beside);
  }
}

function showUtc(on) {
  document.documentElement.toggleAttribute("data-utc", on);
  try { localStorage.setItem("utc", on ? "1" : ""); } catch { /* private mode: lasts for this page */ }
  for (const el of document.querySelectorAll("[data-utc-toggle]")) el.setAttribute("aria-pressed", String(on));
}

let stored = "";
try { stored = localStorage.getItem("utc") ?? ""; } catch { /* private mode */ }
showUtc(stored === "1");
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-utc-toggle]")) showUtc(!document.documentElement.hasAttribute("data-utc"));
});
document.addEventListener("htmx:load", (event) => render(event.target.parentElement ?? document));
render();
