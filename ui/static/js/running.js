// <div data-live="ADDRESS" data-tag='"ETag"'><div id="progress" data-said="…">…</div></div>
// Asks whether something has changed: each second while it does, ever more seldom while it does not, and not at all in a
// hidden tab. What cannot have changed costs the server a 304. What is said aloud is `data-said`, when it differs.
const QUICK = 1000, SLOWEST = 15000;
const holder = document.querySelector("[data-live]");

if (holder && !holder.querySelector("#progress")?.hasAttribute("data-done")) {
  let wait = QUICK, tag = holder.dataset.tag, said = holder.querySelector("#progress")?.dataset.said;

  const show = (html) => {
    const held = holder.contains(document.activeElement) ? document.activeElement.id : "";
    holder.innerHTML = html;
    if (held) document.getElementById(held)?.focus();
    window.htmx?.process(holder);
    document.dispatchEvent(new CustomEvent("htmx:afterSwap", { detail: { target: holder } }));
    const now = holder.querySelector("#progress");
    const region = document.getElementById("live");
    if (now && region && now.dataset.said !== said) region.textContent = said = now.dataset.said;
    return now?.hasAttribute("data-done");
  };

  const look = async () => {
    if (document.hidden) { setTimeout(look, wait); return; }
    try {
      const answer = await fetch(holder.dataset.live, { headers: { "If-None-Match": tag }, cache: "no-store", redirect: "error" });
      if (answer.status === 200) {
        tag = answer.headers.get("etag") ?? "";
        wait = QUICK;
        if (show(await answer.text())) return;
      } else wait = Math.min(wait * 1.5, SLOWEST);
    } catch { wait = SLOWEST; } // signed out, or the line is gone: asked again, seldom
    setTimeout(look, wait);
  };
  setTimeout(look, wait);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) wait = QUICK; });
}
