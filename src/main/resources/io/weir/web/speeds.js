/** How fast what is listed again and again grows. */

const SMOOTHING = 0.5;

/** Closer together than this, two lists say nothing about speed. */
const GAP_MILLIS_MIN = 200;

export class Speeds {
  #known = new Map();

  /**
   * Takes in a list; what is not in it any more is forgotten.
   *
   * @param idOf by what one is known from one list to the next
   * @param bytesOf how many bytes of one have come
   * @param now in milliseconds, of any clock that only goes forwards
   */
  take(things, idOf, bytesOf, now = performance.now()) {
    const known = new Map();
    for (const thing of things) {
      const before = this.#known.get(idOf(thing));
      known.set(idOf(thing), next(before, bytesOf(thing), now));
    }
    this.#known = known;
  }

  /** Bytes a second; undefined for what was seen only once. */
  of(id) {
    return this.#known.get(id)?.speed;
  }
}

function next(before, bytes, now) {
  if (before === undefined) {
    return { bytes, at: now, speed: undefined };
  }
  const millis = now - before.at;
  if (millis < GAP_MILLIS_MIN) {
    return before;
  }
  const measured = (Math.max(0, bytes - before.bytes) * 1000) / millis;
  const speed =
    before.speed === undefined
      ? measured
      : SMOOTHING * before.speed + (1 - SMOOTHING) * measured;
  return { bytes, at: now, speed };
}
