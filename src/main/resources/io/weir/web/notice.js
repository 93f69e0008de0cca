/** What has just happened, said in a few words for a few seconds: see the shell. */

const SHOWN_MILLIS = 8_000;

let listener = () => {};
let text = "";
let timer;

/** Tells `changed` when there is another notice, or none any more. */
export function whenNotice(changed) {
  listener = changed;
}

/** The notice of the moment; empty for none. */
export function notice() {
  return text;
}

/** Says something. */
export function say(words) {
  clearTimeout(timer);
  timer = setTimeout(() => set(""), SHOWN_MILLIS);
  set(words);
}

function set(words) {
  text = words;
  listener();
}
