// The public page says everything without this script. With it: times in the reader's zone, counting clocks, fresh
// news without reloading, and a plain word when the page is older than it should be.
(() => {
  const POLL_MS = 30_000;
  const LATE_AFTER = 3; // publications missed
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  let offset = 0; // true time less the reader's clock, which may be wrong
  let checked = false; // whether the server has told us the time
  let asking = false;
  const now = () => Date.now() + offset;

  const dayOf = (at, timeZone) => new Intl.DateTimeFormat("en-CA", { dateStyle: "short", timeZone }).format(at);

  function words(at, timeZone, withDay) {
    const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone };
    const day = { day: "numeric", month: "short", timeZone };
    if (dayOf(at, timeZone).slice(0, 4) !== dayOf(now(), timeZone).slice(0, 4)) day.year = "numeric";
    return new Intl.DateTimeFormat("en-GB", withDay ? { ...day, ...clock } : clock).format(at);
  }

  function localise(scope) {
    for (const el of scope.querySelectorAll("time[datetime]")) {
      const at = new Date(el.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      const withDay = "day" in el.dataset || dayOf(at, zone) !== dayOf(now(), zone);
      const local = words(at, zone, withDay);
      const sameDay = dayOf(at, zone) === dayOf(at, "UTC");
      const universal = `${words(at, "UTC", withDay && !sameDay)} UTC`;
      if (words(at, zone, true) === words(at, "UTC", true)) { el.textContent = `${local} UTC`; continue; }
      const beside = document.createElement("span");
      beside.className = "utc";
      beside.textContent = `(${universal})`;
      el.replaceChildren(local, " ", beside);
    }
  }

  function span(seconds) {
    const s = Math.max(0, Math.round(seconds));
    if (s < 60) return `${s} s`;
    const m = Math.floor(s / 60);
    if (m < 60) return `${m} min`;
    const h = Math.floor(m / 60);
    return h < 24 ? `${h} h${m % 60 ? ` ${m % 60} min` : ""}` : `${Math.floor(h / 24)} d${h % 24 ? ` ${h % 24} h` : ""}`;
  }

  function put(el, text) {
    if (el && el.textContent !== text) el.textContent = text;
  }

  function tick() {
    for (const el of document.querySelectorAll("[data-due]")) {
      const left = (Date.parse(el.dataset.due) - now()) / 1000;
      put(el.querySelector("[data-promise]"), left > 0 ? "Next update by" : "The next update was due by");
      put(el.querySelector("[data-left]"), left > 0 ? `, in ${left < 60 ? "less than a minute" : span(left)}` : left > -60 ? "" : `, ${span(-left)} ago`);
    }
    const el = document.querySelector("[data-confirmed]");
    if (!el) return;
    const age = (now() - Date.parse(el.dataset.confirmed)) / 1000;
    const late = age > LATE_AFTER * Number(el.dataset.every);
    // Before calling the page old, or when it seems to come from the future, ask the server what time it is.
    if ((late || age < -2) && !checked) { refresh(); if (asking) return; }
    if (late !== el.classList.contains("late")) {
      el.classList.toggle("late", late);
      if (late) put(document.getElementById("news"), "This page has not been confirmed for some time and may be out of date.");
    }
    if (late) put(el, `Last confirmed ${span(age)} ago, which is later than it should be. This page may be out of date.`);
    else put(el, `Confirmed ${span(age)} ago`);
  }

  function takeOver(fresh) {
    const main = document.getElementById("content");
    const next = fresh.getElementById("content");
    const stamp = fresh.querySelector("[data-confirmed]");
    if (!next || !stamp) return;
    const shown = document.querySelector("[data-confirmed]");
    if (shown && Date.parse(stamp.dataset.confirmed) <= Date.parse(shown.dataset.confirmed)) return;
    // Nothing is pulled away from under a reader who selects or has the focus in it: then only the stamp moves on.
    const reading = main.contains(document.activeElement) && document.activeElement !== main;
    if (reading || String(getSelection())) {
      shown.dataset.confirmed = stamp.dataset.confirmed;
      return;
    }
    const opened = new Map([...main.querySelectorAll("details[id]")].map((d) => [d.id, d.open]));
    const before = main.querySelector("[data-answer]")?.dataset.answer;
    main.replaceChildren(...document.adoptNode(next).childNodes);
    for (const details of main.querySelectorAll("details[id]"))
      if (opened.get(details.id)) details.open = true;
    document.title = fresh.title;
    localise(main);
    const after = main.querySelector("[data-answer]")?.dataset.answer;
    if (after && after !== before) put(document.getElementById("news"), after);
  }

  async function refresh() {
    if (asking) return;
    asking = true;
    try {
      const answer = await fetch(location.pathname, { credentials: "omit", cache: "no-cache", signal: AbortSignal.timeout(10_000) });
      const stamp = Date.parse(answer.headers.get("date") ?? "");
      if (!Number.isNaN(stamp)) offset = stamp + 1000 * Number(answer.headers.get("age") ?? 0) - Date.now();
      if (answer.ok) takeOver(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch { /* unreachable: what is shown stays, and its age says the rest */ }
    checked = true;
    asking = false;
    tick();
  }

  localise(document);
  tick();
  setInterval(tick, 1000);
  if (document.querySelector("[data-confirmed]")) {
    // Spread out, so that readers who came together do not all ask together.
    setInterval(() => { if (!document.hidden) refresh(); }, POLL_MS + Math.random() * 5000);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  }
})();
