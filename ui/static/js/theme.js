// Loaded in the head, before anything is painted: sets the chosen theme so that no page flashes in the other one.
// A classic script, because module scripts wait for the whole document.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const read = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const keep = (key, value) => { try { value ? localStorage.setItem(key, value) : localStorage.removeItem(key); } catch { /* private mode: the choice lasts for this page */ } };

  const show = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
    for (const button of document.querySelectorAll("[data-theme-set]"))
      button.setAttribute("aria-pressed", String(button.dataset.themeSet === (root.dataset.theme ?? "auto")));
  };

  show(read("theme"));
  document.addEventListener("DOMContentLoaded", () => show(read("theme")));
  addEventListener("storage", (event) => { if (event.key === "theme") show(event.newValue); });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-theme-set]");
    if (!button) return;
    keep("theme", button.dataset.themeSet === "auto" ? null : button.dataset.themeSet);
    show(button.dataset.themeSet);
  });
})();
