/**
 * What is stored, image by image. There may be very many: they are asked for page by page as
 * somebody scrolls, and only the rows that can be seen are in the document.
 */

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { ref } from "../lib/lit-html/directives/ref.js";
import { repeat } from "../lib/lit-html/directives/repeat.js";
import { get } from "../api.js";
import { bytes, counted, number } from "../format.js";
import { live } from "../live.js";
import { badge, empty, failure, time } from "../parts.js";
import { EvictDialog } from "./evict.js";
import { ImageDialog } from "./image.js";
import { PinsDialog } from "./pins.js";
import { WarmDialog } from "./warm.js";

const PAGE = 200;
const DEBOUNCE_MILLIS = 250;

/** As in the style sheet. */
const ROW_PIXELS = 40;

/** Rows beyond what is seen, above and below, and by how many the window moves at a time. */
const ROWS_AROUND = 16;
const ROWS_STEP = 8;

const FILTERS = ["search", "upstream", "repository"];

export class Images {
  parts = [];
  #refresh;

  /** What is looked for, by the name of the API's parameter. */
  #filters = {};
  #images = [];
  #total;
  #next;
  #error;
  #isLoading = false;

  /** What is being asked: an answer to an earlier question comes too late. */
  #question = new AbortController();
  #typing;

  #scroller;
  #end;
  #seesEnd;
  #first = 0;
  #count = 60;
  #dialog;

  constructor(refresh) {
    this.#refresh = refresh;
  }

  /** @param query what stands behind the question mark of the view's address */
  open(query) {
    const filters = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? ""]));
    const isSame = FILTERS.every((name) => filters[name] === this.#filters[name]);
    if (!isSame) {
      this.#filters = filters;
      this.#load();
    }
    this.#showImage(query.get("image"));
  }

  close() {
    clearTimeout(this.#typing);
    this.#question.abort();
    this.#seesEnd?.disconnect();
    this.#dialog?.close();
  }

  // ---- asking ----

  #load() {
    this.#question.abort();
    this.#question = new AbortController();
    this.#next = undefined;
    this.#ask();
  }

  #more() {
    if (!this.#isLoading && this.#next !== undefined) {
      this.#ask(this.#next);
    }
  }

  async #ask(from) {
    const { signal } = this.#question;
    this.#isLoading = true;
    this.#error = undefined;
    this.#refresh();
    let page;
    let failed;
    try {
      page = await get("images", { ...this.#trimmed(), limit: PAGE, from }, signal);
    } catch (error) {
      failed = error;
    }
    if (signal.aborted) {
      return;
    }
    this.#isLoading = false;
    this.#error = failed;
    if (page !== undefined) {
      this.#images = from === undefined ? page.images : [...this.#images, ...page.images];
      this.#next = page.next;
      this.#total = page.total;
    }
    if (from === undefined) {
      this.#scroller?.scrollTo(0, 0);
      this.#first = 0;
    }
    this.#refresh();
    // Where it is still in sight the observer would have nothing new to say.
    if (this.#end !== undefined && this.#error === undefined) {
      this.#seesEnd.unobserve(this.#end);
      this.#seesEnd.observe(this.#end);
    }
  }

  #filter(name, value) {
    this.#filters = { ...this.#filters, [name]: value };
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => {
      history.replaceState(null, "", this.#address());
      this.#load();
    }, DEBOUNCE_MILLIS);
  }

  /** What somebody types may end in a space before the next word. */
  #trimmed() {
    return Object.fromEntries(
      Object.entries(this.#filters).map(([name, value]) => [name, value.trim()]),
    );
  }

  #clear() {
    location.hash = "#/images";
  }

  /** Of this view, with another image or none in its dialog. */
  #address(image) {
    const given = { ...this.#filters, image: image ?? "" };
    const query = new URLSearchParams(Object.entries(given).filter(([, value]) => value !== ""));
    return "#/images" + (query.size === 0 ? "" : `?${query}`);
  }

  // ---- dialogs ----

  #showImage(reference) {
    if (reference === null) {
      if (this.#dialog instanceof ImageDialog) {
        this.#dialog.close();
      }
      return;
    }
    this.#show(
      (closed) =>
        new ImageDialog(reference, {
          closed: () => {
            closed();
            if (location.hash !== this.#address() && location.hash.startsWith("#/images?")) {
              history.replaceState(null, "", this.#address());
            }
          },
          pinned: (image) => this.#replace(image),
          evicted: (gone) => this.#take(gone),
        }),
    );
  }

  #show(make) {
    this.#dialog?.close();
    const dialog = make(() => {
      if (this.#dialog === dialog) {
        this.#dialog = undefined;
      }
    });
    this.#dialog = dialog;
  }

  #replace(image) {
    this.#images = this.#images.map((known) => (isSame(known, image) ? { ...known, ...image } : known));
    this.#refresh();
  }

  /** Out of the list goes what has left the store. */
  #take({ images, count }) {
    if (count > images.length) {
      this.#load();
      return;
    }
    const left = this.#images.filter((known) => !images.some((gone) => isSame(known, gone)));
    this.#total -= this.#images.length - left.length;
    this.#images = left;
    this.#refresh();
  }

  // ---- scrolling ----

  #setScroller = (element) => {
    this.#scroller = element;
  };

  #setEnd = (element) => {
    this.#seesEnd?.disconnect();
    this.#end = element;
    if (element !== undefined) {
      this.#seesEnd = new IntersectionObserver(
        (looks) => looks.some(({ isIntersecting }) => isIntersecting) && this.#more(),
        { root: this.#scroller, rootMargin: "1200px" },
      );
      this.#seesEnd.observe(element);
    }
  };

  #scrolled() {
    const { scrollTop, clientHeight } = this.#scroller;
    const first = Math.floor(scrollTop / ROW_PIXELS / ROWS_STEP) * ROWS_STEP - ROWS_AROUND;
    const count =
      Math.ceil(clientHeight / ROW_PIXELS / ROWS_STEP) * ROWS_STEP + ROWS_STEP + 2 * ROWS_AROUND;
    if (first !== this.#first || count !== this.#count) {
      this.#first = first;
      this.#count = count;
      this.#refresh();
    }
  }

  // ---- drawing ----

  template() {
    return html`
      <div class="toolbar">
        <div role="search" class="fields">
          <label>
            Search
            <input
              type="search"
              placeholder="words of name, tag, digest, platform"
              .value=${this.#filters.search}
              @input=${(event) => this.#filter("search", event.target.value)}
            />
          </label>
          <label>
            Upstream
            <select @change=${(event) => this.#filter("upstream", event.target.value)}>
              <option value="" .selected=${this.#filters.upstream === ""}>all</option>
              ${this.#upstreams().map(
                (name) =>
                  html`<option value=${name} .selected=${this.#filters.upstream === name}>${name}</option>`,
              )}
            </select>
          </label>
          <label>
            Repository
            <input
              type="text"
              placeholder="whole name, such as library/nginx"
              .value=${this.#filters.repository}
              @input=${(event) => this.#filter("repository", event.target.value)}
            />
          </label>
        </div>
        <div class="actions">
          <button
            type="button"
            @click=${() => this.#show((closed) => new WarmDialog({ closed, done: () => this.#load() }))}
          >
            Warm …
          </button>
          <button type="button" @click=${() => this.#show((closed) => new PinsDialog({ closed, changed: () => this.#load() }))}>
            Pins …
          </button>
          <button
            type="button"
            @click=${() => this.#show((closed) => new EvictDialog({ closed, evicted: (gone) => this.#take(gone) }))}
          >
            Evict …
          </button>
        </div>
      </div>
      <p class="muted" role="status">${this.#summary()}</p>
      ${failure(this.#error)} ${this.#list()}
    `;
  }

  #upstreams() {
    const names = (live.status?.upstreams ?? []).map(({ name }) => name);
    const chosen = this.#filters.upstream;
    return chosen === "" || names.includes(chosen) ? names : [...names, chosen];
  }

  #summary() {
    if (this.#total === undefined) {
      return this.#isLoading ? "Looking …" : nothing;
    }
    return counted(this.#total, "image");
  }

  #list() {
    if (this.#images.length === 0) {
      return this.#total === undefined ? nothing : this.#nothingHere();
    }
    const first = Math.max(0, Math.min(this.#first, this.#images.length - this.#count));
    const seen = this.#images.slice(first, first + this.#count);
    const below = this.#images.length - first - seen.length;
    return html`<div
      class="table scroller"
      role="region"
      aria-label="Images"
      tabindex="0"
      ${ref(this.#setScroller)}
      @scroll=${() => this.#scrolled()}
    >
      <table class="rows" aria-rowcount=${this.#next === undefined ? this.#images.length + 1 : -1}>
        <caption class="off-screen">
          Stored images
        </caption>
        <thead>
          <tr aria-rowindex="1">
            <th scope="col" class="reference">Image</th>
            <th scope="col" class="tags wide">Tags</th>
            <th scope="col" class="platforms wide">Platforms</th>
            <th scope="col" class="size number">Size</th>
            <th scope="col" class="pull wide">Last pull</th>
            <th scope="col" class="notes">Notes</th>
          </tr>
        </thead>
        ${spacer(first)}
        <tbody>
          ${repeat(
            seen,
            // A row that leaves at one end comes again at the other, with other words in it.
            (_, index) => (first + index) % this.#count,
            (image, index) => this.#row(image, first + index),
          )}
        </tbody>
        ${spacer(below)}
      </table>
      <p class="end muted" ${ref(this.#setEnd)}>
        ${this.#next === undefined ? nothing : `${number(this.#images.length)} are listed; more as you scroll.`}
      </p>
    </div>`;
  }

  #row(image, index) {
    return html`<tr aria-rowindex=${index + 2}>
      <th scope="row" class="reference">
        <a href=${this.#address(image.reference)} title=${image.reference}>${image.reference}</a>
      </th>
      <td class="wide" title=${image.tags.join("\n")}>${image.tags.join(", ")}</td>
      <td class="wide" title=${image.platforms.join("\n")}>${image.platforms.join(", ")}</td>
      <td class="number">${bytes(image.sizeBytes)}</td>
      <td class="wide">${time(image.lastPull)}</td>
      <td>
        ${image.pinned ? badge("plain", "pinned") : nothing}
        ${image.missing > 0
          ? badge("warn", "incomplete", `${number(image.missing)} of its blobs are not stored`)
          : nothing}
      </td>
    </tr>`;
  }

  #nothingHere() {
    const isFiltered = FILTERS.some((name) => this.#filters[name] !== "");
    return isFiltered
      ? empty(
          "No stored image is like that.",
          html`<button type="button" @click=${() => this.#clear()}>Show all</button>`,
        )
      : empty(
          "No image is stored yet.",
          html`<a href="#/clients">Clients</a> says what each runtime has to be told; Warm fetches
            images ahead of need.`,
        );
  }
}

function key(image) {
  return `${image.upstream}/${image.repository}@${image.digest}`;
}

function isSame(one, other) {
  return key(one) === key(other);
}

/** As high as so many rows, which are not in the document. */
function spacer(rows) {
  return rows <= 0
    ? nothing
    : html`<tbody class="spacer" aria-hidden="true">
        <tr>
          <td colspan="6" height=${rows * ROW_PIXELS}></td>
        </tr>
      </tbody>`;
}
