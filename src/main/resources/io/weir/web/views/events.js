/** What the server writes to its log, line by line, the newest first. */

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { repeat } from "../lib/lit-html/directives/repeat.js";
import { clockTime, counted, moment } from "../format.js";
import { live } from "../live.js";
import { badge, empty } from "../parts.js";

const ROWS_MAX = 300;

/** From the least grave on. */
const LEVELS = ["INFO", "WARN", "ERROR"];

const LOOKS = { INFO: "plain", WARN: "warn", ERROR: "bad" };

export class Events {
  parts = ["log"];
  #refresh;
  #level = "INFO";
  #text = "";

  /** What is shown while it is paused. */
  #paused;

  constructor(refresh) {
    this.#refresh = refresh;
  }

  template() {
    const all = this.#paused ?? live.log;
    const chosen = all.filter((line) => this.#shows(line)).reverse();
    const missed = live.log.length === 0 ? 0 : this.#missed();
    return html`
      <div class="toolbar">
        <div role="search" class="fields">
          <label>
            Level
            <select @change=${(event) => this.#set(() => (this.#level = event.target.value))}>
              ${LEVELS.map(
                (level) =>
                  html`<option value=${level} .selected=${level === this.#level}>
                    ${level === "ERROR" ? "errors" : level === "WARN" ? "warnings and errors" : "all"}
                  </option>`,
              )}
            </select>
          </label>
          <label>
            Text
            <input
              type="search"
              placeholder="in message or fields"
              .value=${this.#text}
              @input=${(event) => this.#set(() => (this.#text = event.target.value))}
            />
          </label>
        </div>
        <div class="actions">
          ${missed > 0 ? html`<span class="muted">${counted(missed, "newer line")}</span>` : nothing}
          <button type="button" aria-pressed=${this.#paused !== undefined} @click=${() => this.#pause()}>
            ${this.#paused === undefined ? "Pause" : "Go on"}
          </button>
        </div>
      </div>
      ${chosen.length === 0 ? nothing : table(chosen.slice(0, ROWS_MAX))}
      ${chosen.length > ROWS_MAX
        ? html`<p class="muted">The newest ${ROWS_MAX} of ${counted(chosen.length, "line")}.</p>`
        : nothing}
      ${chosen.length === 0 ? this.#nothingHere(all) : nothing}
    `;
  }

  #nothingHere(all) {
    return all.length === 0
      ? empty("The server has not logged anything yet.", "What happens from now on shows here.")
      : empty("No line is like that.", `${counted(all.length, "line")} were looked at.`);
  }

  #shows(line) {
    const words = [line.message, line.logger, ...Object.entries(line.fields ?? {}).flat()];
    return (
      LEVELS.indexOf(line.level) >= LEVELS.indexOf(this.#level) &&
      words.join(" ").toLowerCase().includes(this.#text.trim().toLowerCase())
    );
  }

  #missed() {
    if (this.#paused === undefined) {
      return 0;
    }
    const last = this.#paused.at(-1)?.id;
    return live.log.length - 1 - live.log.findLastIndex(({ id }) => id === last);
  }

  #pause() {
    this.#set(() => (this.#paused = this.#paused === undefined ? live.log : undefined));
  }

  #set(change) {
    change();
    this.#refresh();
  }
}

function table(lines) {
  return html`<div class="table" role="region" aria-label="Log" tabindex="0">
    <table class="log">
      <caption class="off-screen">
        Lines of the log, the newest first
      </caption>
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Level</th>
          <th scope="col">What happened</th>
        </tr>
      </thead>
      <tbody>
        ${repeat(lines, ({ id }) => id, row)}
      </tbody>
    </table>
  </div>`;
}

function row(line) {
  return html`<tr>
    <td><time datetime=${line.at} title=${moment(line.at)}>${clockTime(line.at)}</time></td>
    <td>${badge(LOOKS[line.level] ?? "plain", line.level.toLowerCase())}</td>
    <td>
      <span title=${line.logger}>${line.message}</span>
      ${Object.entries(line.fields ?? {}).map(
        ([name, value]) => html`<span class="field"><span class="muted">${name}</span> ${text(value)}</span> `,
      )}
    </td>
  </tr>`;
}

function text(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}
