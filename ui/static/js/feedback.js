// Small answers to acts: busy buttons, dialogs, menus that close, copied hashes, toasts.
export function toast(text, kind = "ok") {
  const region = document.getElementById("toasts");
  if (!region) return;
  const box = document.createElement("div");
  box.className = `notice notice-${kind}`;
  const body = document.createElement("div");
  body.className = "notice-body";
  body.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button button-quiet button-small";
  close.textContent = "Close";
  close.addEventListener("click", () => box.remove());
  box.append(body, close);
  region.append(box);
  // News may go by itself; a failure stays until it was read.
  if (kind === "ok" || kind === "info") setTimeout(() => { if (!box.matches(":hover, :focus-within")) box.remove(); }, 8000);
}

// Server side: HX-Trigger: {"toast": {"text": "…", "kind": "ok|info|warn|error"}}
document.addEventListener("toast", (event) => toast(event.detail.text ?? event.detail.value, event.detail.kind));
document.addEventListener("htmx:sendError", () => toast("The server did not answer. What you typed is still here; try again.", "error"));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  toast({
    401: "You have been signed out. Sign in in another tab, then try again; what you typed is still here.",
    403: "You may not do this. Reload the page if you signed in again meanwhile.",
    404: "This no longer exists, or you may no longer see it.",
    409: "Someone else changed this meanwhile. Open it in a second tab and compare.",
    413: "This is more than can be taken at once. What you typed is still here; shorten it.",
    429: "Too many tries. Wait a minute, then try again.",
  }[status] ?? `That did not work (${status}). What you typed is still here; try again.`, "error");
});

// A form is sent once: its button says so until the page changes.
document.addEventListener("submit", (event) => {
  const button = event.submitter ?? event.target.querySelector("button[type=submit], button:not([type])");
  if (!button || event.defaultPrevented || event.target.method === "dialog" || event.target.method === "get") return;
  if (button.getAttribute("aria-busy") === "true") { event.preventDefault(); return; }
  button.setAttribute("aria-busy", "true");
});
const idle = (scope) => scope.querySelectorAll("button[aria-busy=true]:not([data-busy])").forEach((b) => b.removeAttribute("aria-busy"));
document.addEventListener("htmx:afterRequest", (event) => idle(event.target.closest?.("form") ?? document));
addEventListener("pageshow", (event) => { if (event.persisted) idle(document); });

document.addEventListener("click", async (event) => {
  const open = event.target.closest("[data-dialog-open]");
  if (open) {
    const dialog = document.getElementById(open.dataset.dialogOpen);
    if (dialog?.showModal) { event.preventDefault(); dialog.showModal(); }
  }
  const close = event.target.closest("[data-dialog-close]");
  if (close?.closest("dialog")?.open) { event.preventDefault(); close.closest("dialog").close(); }

  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;

  const copy = event.target.closest("[data-copy]");
  if (copy) {
    try { await navigator.clipboard.writeText(copy.dataset.copy); toast("Copied", "ok"); }
    catch { toast("The browser would not copy it. Select the text and copy it by hand.", "warn"); }
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) { menu.open = false; menu.querySelector("summary").focus(); }
});
