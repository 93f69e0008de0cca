/**
 * A chart of the last hour: lines over time, with the values of one moment below the pointer or, by
 * the arrow keys, without one.
 */

import { html, nothing, svg } from "./lib/lit-html/lit-html.js";
import { clockTime, span } from "./format.js";

const WIDTH = 600;
const HEIGHT = 120;
const SPAN_MILLIS_MAX = 3_600_000;
const SPAN_MILLIS_MIN = 60_000;

export class Chart {
  #title;
  #series;
  #format;
  #least;
  #refresh;
  #points = [];
  #shown;

  /**
   * @param series name, the `key` of a point's value, and a class of the style sheet, for each line
   * @param format makes a text of a value
   * @param least the shortest scale: 1024 for bytes, which are then counted in powers of it
   * @param refresh asks to be drawn again
   */
  constructor({ title, series, format, least = 0.1, refresh }) {
    this.#title = title;
    this.#series = series;
    this.#format = format;
    this.#least = least;
    this.#refresh = refresh;
  }

  /** @param points each has an instant `at` in milliseconds, and the values of the series */
  template(points) {
    this.#points = points;
    const last = points.at(-1);
    if (points.length < 2) {
      return html`<figure class="chart">
        <figcaption>${this.#title}</figcaption>
        <p class="muted">The first values come within half a minute.</p>
      </figure>`;
    }
    const from = Math.max(points[0].at, last.at - SPAN_MILLIS_MAX);
    const length = Math.max(last.at - from, SPAN_MILLIS_MIN);
    const x = (point) => WIDTH - ((last.at - point.at) / length) * WIDTH;
    const top = roundUp(this.#highest(points), this.#least);
    const y = (value) => HEIGHT - (value / top) * HEIGHT;
    const shown = this.#shown === undefined ? undefined : points[this.#shown];
    return html`<figure class="chart">
      <figcaption>
        ${this.#title} <small class="muted">${clockTime((shown ?? last).at)}</small>
      </figcaption>
      <ul class="legend">
        ${this.#series.map(
          ({ name, key, look }) =>
            html`<li class=${look}>${name} <b>${this.#format((shown ?? last)[key])}</b></li>`,
        )}
      </ul>
      <div class="plot">
        <div class="scale" aria-hidden="true">
          <span>${this.#format(top)}</span><span>${this.#format(top / 2)}</span><span>0</span>
        </div>
        <svg
          viewBox="0 0 ${WIDTH} ${HEIGHT}"
          preserveAspectRatio="none"
          role="img"
          tabindex="0"
          aria-label=${this.#summary(last)}
          @pointermove=${(event) => this.#point(event, from, length)}
          @pointerleave=${() => this.#show(undefined)}
          @blur=${() => this.#show(undefined)}
          @keydown=${(event) => this.#step(event)}
        >
          ${[0, 0.5, 1].map(
            (part) =>
              svg`<line class="grid" x1="0" x2=${WIDTH} y1=${part * HEIGHT} y2=${part * HEIGHT}></line>`,
          )}
          ${this.#series.map(({ key, look }) => line(points, look, x, (point) => y(point[key])))}
          ${shown === undefined
            ? nothing
            : svg`<line class="moment" x1=${x(shown)} x2=${x(shown)} y1="0" y2=${HEIGHT}></line>`}
        </svg>
        <div class="times" aria-hidden="true">
          <span>${span(length / 1000)} ago</span><span>now</span>
        </div>
      </div>
    </figure>`;
  }

  #highest(points) {
    return Math.max(...points.flatMap((point) => this.#series.map(({ key }) => point[key])));
  }

  #summary(last) {
    const values = this.#series.map(({ name, key }) => `${name} ${this.#format(last[key])}`);
    return `${this.#title}, now: ${values.join(", ")}. Arrow keys show earlier values.`;
  }

  #point(event, from, length) {
    const box = event.currentTarget.getBoundingClientRect();
    const last = this.#points.at(-1).at;
    const at = last - (1 - (event.clientX - box.left) / box.width) * length;
    const distances = this.#points.map((point) => Math.abs(point.at - at));
    this.#show(distances.indexOf(Math.min(...distances)));
  }

  #step(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    if (step === undefined) {
      return;
    }
    event.preventDefault();
    const end = this.#points.length - 1;
    this.#show(Math.min(end, Math.max(0, (this.#shown ?? end) + step)));
  }

  #show(index) {
    if (index !== this.#shown) {
      this.#shown = index;
      this.#refresh();
    }
  }
}

function line(points, look, x, y) {
  const path = points.map((point) => `${x(point).toFixed(1)},${y(point).toFixed(1)}`).join(" L");
  const area = `M${x(points[0]).toFixed(1)},${HEIGHT} L${path} L${WIDTH},${HEIGHT} Z`;
  return svg`<path class="area ${look}" d=${area}></path><path class="line ${look}" d="M${path}"></path>`;
}

/** The next round number: 1, 2 or 5 times a power of ten, times a power of 1024 for bytes. */
function roundUp(value, least) {
  const base = least === 1024 ? 1024 : 1000;
  let unit = least;
  while (value > unit * base) {
    unit *= base;
  }
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, base];
  return steps.find((step) => value <= step * unit) * unit;
}
