// Marks the passages that the checks found right in the fields, and leads from the list to the passage. While somebody types,
// marks before the edit stay and marks behind it move along; the next answer of the server puts them right.
const LEVELS = { block: "passage", warn: "passage passage-warn", hint: "passage passage-hint" };
const fields = new Map(); // textarea -> { mirror, text, marks: [{ start, end, level }] } in UTF-16 units
let sent = new Map(); // textarea -> its text when the server was last asked

// The server counts code points, the browser UTF-16 units.
function units(text, points) {
  let at = 0;
  for (let n = 0; n < points && at < text.length; n += 1) at += text.codePointAt(at) > 0xffff ? 2 : 1;
  return at;
}

function marksFor(area, text) {
  const found = [...document.querySelectorAll(`[data-finding="${CSS.escape(area.id)}"]`)];
  return found.map(({ dataset }) => ({ start: units(text, +dataset.start), end: units(text, +dataset.end), level: dataset.level }));
}

function moved(marks, before, after) {
  if (before === after) return marks;
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  const grown = after.length - before.length;
  return marks.flatMap((mark) => {
    if (mark.end <= head) return [mark];
    return mark.start >= before.length - tail ? [{ ...mark, start: mark.start + grown, end: mark.end + grown }] : [];
  });
}

function draw(area) {
  const { mirror, text, marks } = fields.get(area);
  const parts = [];
  let at = 0;
  for (const mark of [...marks].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (mark.start < at) continue;
    parts.push(text.slice(at, mark.start));
    parts.push(Object.assign(document.createElement("mark"), { className: LEVELS[mark.level], textContent: text.slice(mark.start, mark.end) }));
    at = mark.end;
  }
  mirror.replaceChildren(...parts, `${text.slice(at)}\n`);
  mirror.hidden = !marks.length;
  follow(area);
}

// A scrollbar narrows the words of the field, and so those over it.
function follow(area) {
  const { mirror } = fields.get(area);
  const edges = parseFloat(getComputedStyle(area).borderInlineStartWidth) * 2;
  mirror.style.inlineSize = `${area.clientWidth + edges}px`;
  mirror.scrollTop = area.scrollTop;
}

function wire(area) {
  const box = Object.assign(document.createElement("div"), { className: "marked-field" });
  const mirror = Object.assign(document.createElement("div"), { className: "marks" });
  mirror.setAttribute("aria-hidden", "true");
  const focused = document.activeElement === area;
  area.replaceWith(box);
  box.append(area, mirror);
  if (focused) area.focus();
  fields.set(area, { mirror, text: area.value, marks: marksFor(area, area.value) });
  draw(area);
  area.addEventListener("input", () => retype(area));
  area.addEventListener("scroll", () => follow(area), { passive: true });
  new ResizeObserver(() => follow(area)).observe(area);
}

function retype(area) {
  const field = fields.get(area);
  field.marks = moved(field.marks, field.text, area.value);
  field.text = area.value;
  draw(area);
}

const areas = () => document.querySelectorAll("#editor textarea");
areas().forEach(wire);

document.body.addEventListener("editor:filled", () => fields.forEach((_, area) => retype(area)));
document.body.addEventListener("htmx:configRequest", ({ target }) => {
  if (target.id === "preview") sent = new Map([...fields.keys()].map((area) => [area, area.value]));
});
document.body.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id !== "preview") return;
  for (const [area, field] of fields) {
    const asked = sent.get(area) ?? area.value;
    field.text = area.value;
    field.marks = moved(marksFor(area, asked), asked, area.value);
    draw(area);
  }
  tell();
});

// How many must change is told once, when it changes.
let told = count();
function count() { return document.querySelectorAll('[data-finding][data-level="block"]').length; }
function tell() {
  const now = count();
  if (now === told) return;
  told = now;
  document.getElementById("live").textContent = now ? `${now} ${now === 1 ? "passage" : "passages"} must change before review can be asked for.` : "Nothing must change any more.";
}

// A finding in the list: open its tab and select its passage.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".findings a");
  const item = link?.closest("[data-finding]");
  const field = item && document.getElementById(item.dataset.finding);
  if (!field) return;
  event.preventDefault();
  const panel = field.closest(".tab-panel");
  if (panel?.hidden) document.querySelector(`.tab-list a[href="#${panel.id}"]`)?.click();
  // A title is read without the spaces around it.
  const lead = field.matches("textarea") ? 0 : field.value.length - field.value.trimStart().length;
  const text = field.value.slice(lead);
  field.focus();
  field.setSelectionRange(lead + units(text, +item.dataset.start), lead + units(text, +item.dataset.end));
});
