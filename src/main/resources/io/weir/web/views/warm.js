/** Fetches images ahead of need, and shows how far that is. */

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { get, path, post } from "../api.js";
import { Dialog } from "../dialog.js";
import { live, subscribe } from "../live.js";
import { failure } from "../parts.js";
import { jobList, jobProgress, jobResult } from "./job.js";

export class WarmDialog {
  #dialog;
  #done;
  #images = "";
  #platforms = "";

  /** The job as it began; how it goes on comes with the stream. */
  #job;

  /** The same with what came of each image, when it has ended. */
  #whole;
  #error;
  #isOver = false;

  /** @param done is called when the job has ended */
  constructor({ done, closed }) {
    this.#done = done;
    this.#dialog = new Dialog({
      title: "Warm images",
      content: () => this.#template(),
      closed: () => {
        unsubscribe();
        closed();
      },
    });
    const unsubscribe = subscribe((part) => part === "jobs" && this.#follow());
  }

  close() {
    this.#dialog.close();
  }

  #follow() {
    const job = live.jobs?.jobs.find(({ id }) => id === this.#job?.id);
    if (job !== undefined) {
      this.#job = job;
      this.#dialog.draw();
    }
    if (job !== undefined && job.state !== "running" && !this.#isOver) {
      this.#isOver = true;
      this.#done();
      this.#list();
    }
  }

  /** The stream says how many; which they are has to be asked for. */
  async #list() {
    try {
      this.#whole = await get(path("jobs", this.#job.id));
    } catch (error) {
      this.#error = error;
    }
    this.#dialog.draw();
  }

  #template() {
    return this.#job === undefined ? this.#form() : this.#progress();
  }

  #form() {
    return html`<form
      class="stack"
      @submit=${(event) => {
        event.preventDefault();
        this.#start();
      }}
    >
      <label>
        Images, one a line
        <textarea
          rows="4"
          required
          placeholder="docker.io/library/nginx:1.27"
          spellcheck="false"
          .value=${this.#images}
          @input=${(event) => (this.#images = event.target.value)}
        ></textarea>
      </label>
      <label>
        <span>Platforms <small>all that there are, where none is named</small></span>
        <input
          type="text"
          placeholder="linux/amd64 linux/arm64"
          .value=${this.#platforms}
          @input=${(event) => (this.#platforms = event.target.value)}
        />
      </label>
      ${failure(this.#error)}
      <div class="actions">
        <button type="button" @click=${() => this.close()}>Cancel</button>
        <button type="submit" class="primary">Warm</button>
      </div>
    </form>`;
  }

  #progress() {
    const isRunning = this.#job.state === "running";
    return html`
      ${isRunning ? jobProgress(this.#job) : nothing}
      <div role="status">${isRunning ? "Fetching …" : jobResult(this.#job)}</div>
      ${this.#whole?.result === undefined ? nothing : jobList(this.#whole)} ${failure(this.#error)}
      ${isRunning
        ? html`<p class="muted">It goes on when this is closed; <a href="#/jobs">Jobs</a> shows it.</p>`
        : nothing}
      <div class="actions">
        <button type="button" @click=${() => this.close()}>Close</button>
      </div>
    `;
  }

  async #start() {
    this.#error = undefined;
    const platforms = words(this.#platforms);
    try {
      this.#job = await post("jobs", {
        kind: "warm",
        images: words(this.#images),
        ...(platforms.length === 0 ? {} : { platforms }),
      });
    } catch (error) {
      this.#error = error;
    }
    this.#dialog.draw();
    // It may have come to its end before its beginning was known here.
    this.#follow();
  }
}

function words(text) {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}
