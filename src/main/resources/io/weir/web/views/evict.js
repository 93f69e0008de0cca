/** Lets images leave, after it has been seen which ones these are. */

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { path, remove } from "../api.js";
import { Dialog } from "../dialog.js";
import { bytes, counted, number } from "../format.js";
import { say } from "../notice.js";
import { failure } from "../parts.js";

const LISTED_MAX = 10;

export class EvictDialog {
  #dialog;
  #isFixed;
  #pattern;
  #evicted;

  /** What would leave, as the API says it. */
  #preview;
  #error;
  #isBusy = false;

  /**
   * Asks for a pattern, unless it is given.
   *
   * @param evicted is called with what left
   */
  constructor({ pattern = "", evicted, closed }) {
    this.#isFixed = pattern !== "";
    this.#pattern = pattern;
    this.#evicted = evicted;
    this.#dialog = new Dialog({
      title: this.#isFixed ? `Evict ${pattern}?` : "Evict images",
      content: () => this.#template(),
      closed,
    });
    if (this.#isFixed) {
      this.#look();
    }
  }

  close() {
    this.#dialog.close();
  }

  #template() {
    const count = this.#preview?.count ?? 0;
    return html`
      ${this.#isFixed ? nothing : this.#question()} ${failure(this.#error)}
      <div role="status">
        ${this.#isBusy && this.#preview === undefined ? html`<p>Looking …</p>` : nothing}
        ${this.#preview === undefined ? nothing : preview(this.#preview)}
      </div>
      <div class="actions">
        <button type="button" @click=${() => this.close()}>Cancel</button>
        <button
          type="button"
          class="danger"
          ?disabled=${this.#isBusy || count === 0}
          @click=${() => this.#evict()}
        >
          Evict${count > 0 ? ` ${counted(count, "image")}` : nothing}
        </button>
      </div>
    `;
  }

  #question() {
    return html`<form
      class="fields"
      @submit=${(event) => {
        event.preventDefault();
        this.#look();
      }}
    >
      <label>
        Pattern
        <input
          type="text"
          required
          placeholder="docker.io/library/** or **:*-rc1"
          .value=${this.#pattern}
          @input=${(event) => this.#type(event.target.value)}
        />
      </label>
      <button type="submit" ?disabled=${this.#isBusy}>Show what would leave</button>
    </form>`;
  }

  #type(pattern) {
    this.#pattern = pattern;
    // What was seen is not what would leave now.
    this.#preview = undefined;
    this.#dialog.draw();
  }

  async #look() {
    await this.#ask(true, (preview) => (this.#preview = preview));
  }

  async #evict() {
    await this.#ask(false, (gone) => {
      say(`${counted(gone.count, "image")} left, ${bytes(gone.freedBytes)} are free.`);
      this.close();
      this.#evicted(gone);
    });
  }

  async #ask(dryRun, then) {
    const pattern = this.#pattern.trim();
    this.#isBusy = true;
    this.#error = undefined;
    this.#dialog.draw();
    try {
      const answer = await remove(path("images", pattern), { dryRun });
      if (pattern === this.#pattern.trim()) {
        then(answer);
      }
    } catch (error) {
      this.#error = error;
    }
    this.#isBusy = false;
    this.#dialog.draw();
  }
}

function preview({ count, freedBytes, images, complete }) {
  if (count === 0) {
    return html`<p>Nothing would leave: no stored image matches, or what does is pinned.</p>`;
  }
  return html`
    <p>
      <strong>${counted(count, "image")}</strong> would leave, and free
      <strong>${bytes(freedBytes)}</strong>${complete ? "." : ", or more: not all was looked at."}
    </p>
    <ul class="list">
      ${images.slice(0, LISTED_MAX).map((image) => html`<li>${image.reference} <small>${bytes(image.freedBytes)}</small></li>`)}
      ${count > LISTED_MAX ? html`<li class="muted">and ${number(count - LISTED_MAX)} more</li>` : nothing}
    </ul>
  `;
}
