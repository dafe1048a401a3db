// Review: bars of time left run on, and a passage that was selected is carried to the comment and to the dispute.
const bars = [...document.querySelectorAll("[data-time-left]")];
const started = performance.now();
function run() {
  for (const bar of bars) {
    const [opened, due, server] = ["opened", "due", "serverNow"].map((name) => Date.parse(bar.dataset[name]));
    const now = server + performance.now() - started;
    const left = due > opened ? Math.max(0, Math.min(100, Math.round((100 * (due - now)) / (due - opened)))) : 0;
    bar.querySelector("svg")?.setAttribute("width", `${left}%`);
    bar.classList.toggle("time-left-late", left <= 0);
    bar.classList.toggle("time-left-soon", left > 0 && left <= 20);
  }
}
if (bars.length) setInterval(run, 5000);

// The words as they stand: what was removed, and what is said to screen readers only, is no part of them.
function words(range) {
  const part = document.createElement("div");
  part.append(range.cloneContents());
  for (const el of part.querySelectorAll("del, .vh")) el.remove();
  return part.textContent.trim();
}

const form = document.querySelector("[data-passage-form]");
const dispute = document.querySelector("[data-dispute]");
document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || !selection.rangeCount) return;
  const range = selection.getRangeAt(0);
  const start = range.startContainer.parentElement?.closest("[data-place]");
  if (!start || !start.contains(range.endContainer)) return;
  const quote = words(range);
  if (!quote) return;
  if (form) {
    form.querySelector("[name=place]").value = start.dataset.place;
    form.querySelector("[name=quote]").value = quote;
  }
  if (dispute) {
    dispute.form.elements.place.value = start.dataset.place;
    dispute.form.elements.quote.value = quote;
  }
});
