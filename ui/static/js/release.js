// The release page: the button says what is chosen, to release now or to plan it; the time is asked for only where one is wanted.
const form = document.getElementById("release-form");
const button = document.querySelector("button[data-reached]");

// The instant of a local date and time in a zone: taken as UTC, put right by what the zone makes of it.
function instant(local, zone) {
  const wanted = Date.parse(`${local}Z`);
  const parts = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }).format(wanted);
  return wanted - (Date.parse(`${parts.replace(" ", "T")}Z`) - wanted);
}

// "24 Nov 18:00 CET", with the year where it is another than now.
function words(local, zone) {
  const at = instant(local, zone);
  const year = local.slice(0, 4) === String(new Date().getFullYear()) ? {} : { year: "numeric" };
  const fields = { day: "numeric", month: "short", ...year, hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" };
  return new Intl.DateTimeFormat("en-GB", { ...fields, timeZone: zone }).format(at).replace(",", "");
}

if (form && button) {
  const neutral = button.textContent;
  const { now, reached, zone } = button.dataset;
  const show = () => {
    const when = form.elements.when.value;
    for (const part of form.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== when;
    const at = when === "at" && form.elements.at.value;
    button.textContent = when === "now" ? now : when === "at" ? `Plan for ${(at && words(at, zone)) || "a time"}: ${reached}` : neutral;
  };
  form.addEventListener("input", show);
  addEventListener("pageshow", show);
  show();
}
