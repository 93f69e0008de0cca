/** Light or dark: as the system says, or as somebody has chosen here. */

const KEY = "weir.theme";

/** By name: `auto` is what the system says. */
export const THEMES = ["auto", "light", "dark"];

/** What was chosen. */
export function theme() {
  const chosen = localStorage.getItem(KEY);
  return THEMES.includes(chosen) ? chosen : "auto";
}

/** Chooses one, here and in the tabs to come. */
export function choose(name) {
  localStorage.setItem(KEY, name);
  apply();
}

/** Makes the page look so. */
export function apply() {
  document.documentElement.dataset.theme = theme();
}
