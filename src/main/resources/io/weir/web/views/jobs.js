/** Long work: begun, followed, cancelled. */

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { repeat } from "../lib/lit-html/directives/repeat.js";
import { get, path, post, remove } from "../api.js";
import { span } from "../format.js";
import { live } from "../live.js";
import { empty, failure, time } from "../parts.js";
import { jobLength, jobList, jobName, jobProgress, jobResult, jobState } from "./job.js";

/** What goes to its end once it has begun. */
const UNSTOPPABLE = new Set(["gc"]);

export class Jobs {
  parts = ["jobs"];
  #refresh;

  /** What the API said when one was begun or cancelled, by what was pressed. */
  #errors = new Map();

  /** Those of which somebody has opened the list, by their id. */
  #whole = new Map();
  #isDryRun = true;
  #repairs = false;

  constructor(refresh) {
    this.#refresh = refresh;
  }

  template() {
    return html`
      <div class="columns">
        ${this.#starter(
          "Retention",
          "Lets go now what has expired or is too much, not only in a minute.",
          html`<label class="check">
            <input
              type="checkbox"
              .checked=${this.#isDryRun}
              @change=${(event) => this.#set(() => (this.#isDryRun = event.target.checked))}
            />
            Only say what would leave
          </label>`,
          this.#isDryRun ? "Look" : "Run retention",
          () => ({ kind: "gc", dryRun: this.#isDryRun }),
        )}
        ${this.#starter(
          "Scrub",
          "Reads all that is stored, and says what is damaged.",
          html`<label class="check">
            <input
              type="checkbox"
              .checked=${this.#repairs}
              @change=${(event) => this.#set(() => (this.#repairs = event.target.checked))}
            />
            Fetch anew what is damaged or missing
          </label>`,
          "Scrub",
          () => ({ kind: "scrub", repair: this.#repairs }),
        )}
      </div>
      ${this.#list(live.jobs?.jobs ?? [])}
    `;
  }

  #set(change) {
    change();
    this.#refresh();
  }

  #starter(title, words, option, button, request) {
    return html`<section class="card">
      <h2>${title}</h2>
      <p>${words}</p>
      ${option}
      <div class="actions">
        <button type="button" class="primary" @click=${() => this.#do(title, () => post("jobs", request()))}>
          ${button}
        </button>
      </div>
      ${failure(this.#errors.get(title))}
    </section>`;
  }

  #list(jobs) {
    if (jobs.length === 0) {
      return empty(
        "No job has run since the start.",
        html`Begin one above, or warm images from <a href="#/images">Images</a>.`,
      );
    }
    return html`<div class="table" role="region" aria-label="Jobs" tabindex="0">
      <table>
        <caption>
          Jobs, the newest first
        </caption>
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">State</th>
            <th scope="col">Begun</th>
            <th scope="col">Took</th>
            <th scope="col">Progress and result</th>
          </tr>
        </thead>
        <tbody>
          ${repeat(jobs, ({ id }) => id, (job) => this.#row(job))}
        </tbody>
      </table>
    </div>`;
  }

  #row(job) {
    const isRunning = job.state === "running";
    return html`<tr>
      <th scope="row">${jobName(job)} <small class="muted">${job.id}</small></th>
      <td>${jobState(job)}</td>
      <td>${time(job.started)}</td>
      <td>
        ${job.ended === undefined
          ? "–"
          : span((Date.parse(job.ended) - Date.parse(job.started)) / 1000)}
      </td>
      <td class="result">
        ${isRunning
          ? html`${jobProgress(job)} ${this.#canceller(job)}`
          : html`${jobResult(job)} ${this.#details(job)}`}
        ${failure(this.#errors.get(job.id))}
      </td>
    </tr>`;
  }

  #details(job) {
    if (jobLength(job) === 0) {
      return nothing;
    }
    const whole = this.#whole.get(job.id);
    return html`<details @toggle=${(event) => event.target.open && this.#load(job.id)}>
      <summary>Which</summary>
      ${whole === undefined ? nothing : jobList(whole)}
    </details>`;
  }

  async #load(id) {
    if (!this.#whole.has(id)) {
      await this.#do(id, async () => this.#whole.set(id, await get(path("jobs", id))));
    }
  }

  #canceller(job) {
    return UNSTOPPABLE.has(job.kind)
      ? nothing
      : html`<button
          type="button"
          class="quiet"
          aria-label="Cancel ${jobName(job)} ${job.id}"
          @click=${() => this.#do(job.id, () => remove(path("jobs", job.id)))}
        >
          Cancel
        </button>`;
  }

  async #do(what, action) {
    this.#errors.delete(what);
    try {
      await action();
    } catch (error) {
      this.#errors.set(what, error);
    }
    this.#refresh();
  }
}
