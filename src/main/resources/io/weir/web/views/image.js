/** One stored image: what it consists of, what it shares with others, and what can be done to it. */

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { get, path, post, remove } from "../api.js";
import { copy } from "../copy.js";
import { Dialog } from "../dialog.js";
import { bytes, counted, number } from "../format.js";
import { say } from "../notice.js";
import { badge, digest, failure, time } from "../parts.js";
import { EvictDialog } from "./evict.js";

export class ImageDialog {
  #dialog;
  #reference;
  #pinned;
  #evicted;
  #image;

  /** Whether there is a pin of just this name, which can be taken back here. */
  #hasOwnPin = false;
  #error;
  #isBusy = false;
  #question;

  /**
   * @param reference as the image is listed
   * @param pinned is called with the image when it is pinned, or is not any more
   * @param evicted is called with what left the store
   */
  constructor(reference, { pinned, evicted, closed }) {
    this.#reference = reference;
    this.#pinned = pinned;
    this.#evicted = evicted;
    this.#dialog = new Dialog({
      title: reference,
      content: () => this.#template(),
      closed,
      look: "drawer",
    });
    this.#do(() => {});
  }

  close() {
    this.#question?.close();
    this.#dialog.close();
  }

  #template() {
    const image = this.#image;
    if (image === undefined) {
      return this.#error === undefined ? html`<p class="muted">Loading …</p>` : failure(this.#error);
    }
    return html`
      <div class="actions">
        ${this.#pin(image)}
        <button type="button" class="danger" @click=${() => this.#evict()}>Evict …</button>
        <button type="button" @click=${() => this.#copy(image.reference)}>Copy name</button>
      </div>
      ${failure(this.#error)}
      <dl class="facts">
        <dt>Digest</dt>
        <dd><code class="whole">${image.digest}</code></dd>
        <dt>Tags</dt>
        <dd>${image.tags.length === 0 ? "none" : image.tags.join(", ")}</dd>
        <dt>Platforms</dt>
        <dd>${image.platforms.length === 0 ? "none" : image.platforms.join(", ")}</dd>
        ${image.mediaType === undefined
          ? nothing
          : html`<dt>Type</dt>
              <dd><code class="whole">${image.mediaType}</code></dd>`}
        <dt>Size</dt>
        <dd>
          ${bytes(image.sizeBytes)} in ${counted(image.blobs, "file")}
          ${image.missing > 0 ? badge("warn", `${number(image.missing)} not stored`) : nothing}
        </dd>
        <dt>Only its own</dt>
        <dd>${bytes(image.uniqueBytes)} <small>which go with it</small></dd>
        <dt>Shared</dt>
        <dd>${bytes(image.sharedBytes)} <small>which other images need, too</small></dd>
        <dt>Stored</dt>
        <dd>${time(image.storedAt)}</dd>
        <dt>Last pull</dt>
        <dd>${time(image.lastPull)}</dd>
      </dl>
      ${content(image.content)}
    `;
  }

  #pin(image) {
    if (!image.pinned) {
      return html`<button type="button" ?disabled=${this.#isBusy} @click=${() => this.#setPin(true)}>Pin</button>`;
    }
    return this.#hasOwnPin
      ? html`<button type="button" ?disabled=${this.#isBusy} @click=${() => this.#setPin(false)}>Unpin</button>`
      : badge("plain", "pinned by a pattern", "Pins, above the list, has all patterns");
  }

  async #setPin(isWanted) {
    const isDone = await this.#do(() =>
      isWanted
        ? post("pins", { pattern: this.#reference })
        : remove(path("pins", this.#reference)),
    );
    if (isDone) {
      const { pinned } = this.#image;
      say(pinned ? `${this.#reference} stays.` : `${this.#reference} may leave again.`);
      this.#pinned(this.#image);
    }
  }

  #evict() {
    this.#question = new EvictDialog({
      pattern: this.#reference,
      evicted: (gone) => {
        this.close();
        this.#evicted(gone);
      },
    });
  }

  async #copy(name) {
    say((await copy(name)) ? `Copied: ${name}` : "The browser did not let it be copied.");
  }

  async #do(action) {
    this.#isBusy = true;
    this.#error = undefined;
    this.#dialog.draw();
    try {
      await action();
      const [image, { pins }] = await Promise.all([
        get(path("images", this.#reference)),
        get("pins"),
      ]);
      this.#image = image;
      this.#hasOwnPin = pins.some(
        ({ pattern, source }) => pattern === this.#reference && source === "added",
      );
    } catch (error) {
      this.#error = error;
    }
    this.#isBusy = false;
    this.#dialog.draw();
    return this.#error === undefined;
  }
}

function content(parts) {
  return html`<div class="table" role="region" aria-label="Content" tabindex="0">
    <table>
      <caption>
        Content
      </caption>
      <thead>
        <tr>
          <th scope="col">Kind</th>
          <th scope="col">Digest</th>
          <th scope="col" class="wide">Platform</th>
          <th scope="col" class="number">Size</th>
          <th scope="col">Shared with</th>
        </tr>
      </thead>
      <tbody>
        ${parts.map(
          (part) => html`<tr>
            <td title=${part.mediaType ?? nothing}>
              ${part.kind} ${part.stored ? nothing : badge("warn", "not stored")}
            </td>
            <td>${digest(part.digest)}</td>
            <td class="wide">${part.platform ?? nothing}</td>
            <td class="number">${bytes(part.sizeBytes)}</td>
            <td>${sharers(part)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function sharers({ sharedBy, sharedByCount }) {
  if (sharedByCount === 0) {
    return html`<span class="muted">no other</span>`;
  }
  const hidden = sharedByCount - sharedBy.length;
  return html`<details>
    <summary>${counted(sharedByCount, "image")}</summary>
    <ul class="list">
      ${sharedBy.map((reference) => html`<li>${reference}</li>`)}
      ${hidden > 0 ? html`<li class="muted">and ${number(hidden)} more</li>` : nothing}
    </ul>
  </details>`;
}
