// Times come from the server in the reader's zone. UTC stands in each one's title, beside it where data-utc="beside" is set,
// and beside every time while the reader has switched UTC on (key u).
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
