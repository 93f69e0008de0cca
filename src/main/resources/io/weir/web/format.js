/** Sizes, numbers and times as people read them: in English, sizes in binary units. */

const NO_BREAK = "\u00a0";
const MINUS = "\u2212";

const SIZE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** From how many seconds on a unit is used, how long it is, and its name; the longest first. */
const UNITS = [
  [2 * DAY, DAY, "d"],
  [HOUR, HOUR, "h"],
  [MINUTE, MINUTE, "min"],
  [0, 1, "s"],
];

/** As java.time.Duration writes them. */
const ISO_DURATION = /^(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/;

const wholeNumbers = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const moments = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" });
const clockTimes = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

/** A size with about three digits, such as `940 B` or `3.21 MiB`. */
export function bytes(count) {
  let value = Math.abs(count);
  let unit = 0;
  while (value >= 1000 && unit < SIZE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return sign(count) + value.toFixed(digits) + NO_BREAK + SIZE_UNITS[unit];
}

/** So many bytes a second. */
export function speed(bytesPerSecond) {
  return bytes(Math.round(bytesPerSecond)) + "/s";
}

/** A count, such as `12,345`. */
export function number(count) {
  return sign(count) + wholeNumbers.format(Math.abs(count));
}

/** So many a second, such as `0.3/s`. */
export function rate(perSecond) {
  const digits = perSecond >= 10 || perSecond === 0 ? 0 : perSecond >= 1 ? 1 : 2;
  return (digits === 0 ? number(perSecond) : perSecond.toFixed(digits)) + "/s";
}

/** A part of one, such as `95.2 %`. */
export function percent(ratio) {
  return (ratio * 100).toFixed(1) + NO_BREAK + "%";
}

/** One thing or several of it: `1 image`, `3 images`. */
export function counted(count, one, many = one + "s") {
  return number(count) + NO_BREAK + (count === 1 ? one : many);
}

/** A length of time, such as `42 s` or `3 d 4 h`. */
export function span(seconds) {
  const all = Math.round(Math.abs(seconds));
  if (all < MINUTE) {
    return all + NO_BREAK + "s";
  }
  if (all < HOUR) {
    return Math.floor(all / MINUTE) + NO_BREAK + "min";
  }
  if (all < 2 * DAY) {
    return twoUnits(all, HOUR, "h", MINUTE, "min");
  }
  return twoUnits(all, DAY, "d", HOUR, "h");
}

/** In its largest unit alone: the exact time is never far. */
function coarse(seconds) {
  const [, size, name] = UNITS.find(([least]) => seconds >= least);
  return number(Math.floor(seconds / size)) + NO_BREAK + name;
}

function twoUnits(seconds, unit, unitName, subunit, subunitName) {
  const units = Math.floor(seconds / unit);
  const rest = Math.floor((seconds % unit) / subunit);
  const text = number(units) + NO_BREAK + unitName;
  return rest === 0 || units >= 10 ? text : text + NO_BREAK + rest + NO_BREAK + subunitName;
}

/** How far an instant is from now: `3 min ago`, `in 12 d`. */
export function relative(instant) {
  const secondsAgo = (Date.now() - Date.parse(instant)) / 1000;
  if (Math.abs(secondsAgo) < 5) {
    return "just now";
  }
  const length = coarse(Math.round(Math.abs(secondsAgo)));
  return secondsAgo < 0 ? `in ${length}` : `${length} ago`;
}

/** An instant with its date, in the time zone of whoever looks. */
export function moment(instant) {
  return moments.format(new Date(instant));
}

/** The time of day of an instant, in the time zone of whoever looks. */
export function clockTime(instant) {
  return clockTimes.format(new Date(instant));
}

/** The seconds of an ISO 8601 duration such as `PT168H`; NaN for what is none. */
export function seconds(duration) {
  const parts = ISO_DURATION.exec(duration);
  if (parts === null) {
    return NaN;
  }
  const [, minus, days = 0, hours = 0, minutes = 0, rest = 0] = parts;
  const sum = days * DAY + hours * HOUR + minutes * MINUTE + Number(rest);
  return minus ? -sum : sum;
}

function sign(count) {
  return count < 0 ? MINUS : "";
}
