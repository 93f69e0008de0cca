/**
 * Light or dark: as the system says, or as somebody has chosen here. What was chosen in an earlier page
 * `first-paint.js` has applied, before this was here.
 */

const KEY = "weir.theme";

/** By name: `auto` is what the system says. */
export const THEMES = ["auto", "light", "dark"];

/** What was chosen. */
export function theme() {
  const chosen = document.documentElement.dataset.theme;
  return THEMES.includes(chosen) ? chosen : "auto";
}

/** Chooses one, here and in the pages to come. */
export function choose(name) {
  localStorage.setItem(KEY, name);
  document.documentElement.dataset.theme = name;
}
