/** What stays whatever happens: the patterns, and how one is added or taken back. */

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { get, path, post, remove } from "../api.js";
import { Dialog } from "../dialog.js";
import { failure } from "../parts.js";

export class PinsDialog {
  #dialog;
  #changed;
  #pins;
  #pattern = "";
  #error;

  /** @param changed is called when other images are pinned than before */
  constructor({ changed, closed }) {
    this.#changed = changed;
    this.#dialog = new Dialog({ title: "Pins", content: () => this.#template(), closed });
    this.#do(() => {});
  }

  close() {
    this.#dialog.close();
  }

  #template() {
    return html`
      <p class="muted">Images that match one of these patterns never leave by themselves.</p>
      ${failure(this.#error)}
      <ul class="list">
        ${(this.#pins ?? []).map(
          ({ pattern, source }) => html`<li>
            <code>${pattern}</code>
            ${source === "configuration"
              ? html`<small>configuration</small>`
              : html`<button
                  type="button"
                  class="quiet"
                  aria-label="Remove the pin ${pattern}"
                  @click=${() => this.#change(() => remove(path("pins", pattern)))}
                >
                  Remove
                </button>`}
          </li>`,
        )}
      </ul>
      ${this.#pins?.length === 0 ? html`<p>Nothing is pinned yet.</p>` : nothing}
      <form
        class="fields"
        @submit=${(event) => {
          event.preventDefault();
          this.#add();
        }}
      >
        <label>
          Pattern
          <input
            type="text"
            required
            placeholder="registry.k8s.io/** or docker.io/library/alpine:3.*"
            .value=${this.#pattern}
            @input=${(event) => (this.#pattern = event.target.value)}
          />
        </label>
        <button type="submit">Pin</button>
      </form>
    `;
  }

  #add() {
    this.#change(async () => {
      await post("pins", { pattern: this.#pattern.trim() });
      this.#pattern = "";
    });
  }

  async #change(action) {
    if (await this.#do(action)) {
      this.#changed();
    }
  }

  async #do(action) {
    this.#error = undefined;
    try {
      await action();
      ({ pins: this.#pins } = await get("pins"));
    } catch (error) {
      this.#error = error;
    }
    this.#dialog.draw();
    return this.#error === undefined;
  }
}
