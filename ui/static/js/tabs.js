// [data-tabs] holds a .tab-list of links to panels. Without this script the links jump to panels that all stand open.
// With it they are ARIA tabs with a roving tabindex; the address keeps the chosen one.
function wire(box) {
  const tabs = [...box.querySelectorAll(":scope > .tab-list > a[href^='#']")];
  const panel = (tab) => document.getElementById(tab.hash.slice(1));
  if (!tabs.length || box.dataset.wired) return;
  box.dataset.wired = "";

  const choose = (chosen, focus) => {
    for (const tab of tabs) {
      const on = tab === chosen;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      const body = panel(tab);
      if (body) body.hidden = !on;
    }
    if (focus) chosen.focus();
    box.dispatchEvent(new CustomEvent("tab:chosen", { bubbles: true, detail: { id: chosen.hash.slice(1) } }));
  };

  const list = tabs[0].parentElement;
  list.setAttribute("role", "tablist");
  for (const tab of tabs) {
    tab.setAttribute("role", "tab");
    tab.id ||= `tab-${tab.hash.slice(1)}`;
    tab.setAttribute("aria-controls", tab.hash.slice(1));
    const body = panel(tab);
    body?.setAttribute("role", "tabpanel");
    body?.setAttribute("aria-labelledby", tab.id);
    if (body && !body.querySelector("a[href], button, input, select, textarea, [tabindex]")) body.tabIndex = 0;
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      choose(tab, true);
      history.replaceState(history.state, "", tab.hash);
    });
  }
  list.addEventListener("keydown", (event) => {
    const here = tabs.indexOf(document.activeElement);
    const to = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (here < 0 || to === undefined) return;
    event.preventDefault();
    choose(tabs[(to + tabs.length) % tabs.length], true);
  });
  // A panel with an error inside opens first, then the one named in the address, then the one the server marked.
  choose(tabs.find((tab) => panel(tab)?.querySelector("[aria-invalid='true']"))
    ?? tabs.find((tab) => tab.hash === location.hash)
    ?? tabs.find((tab) => tab.hasAttribute("data-selected")) ?? tabs[0], false);
}

const all = (scope) => scope.querySelectorAll("[data-tabs]").forEach(wire);
document.addEventListener("htmx:load", (event) => all(event.target.parentElement ?? document));
all(document);
