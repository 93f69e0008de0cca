/** What each runtime has to be told, so that it pulls through this server. */

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { get, path } from "../api.js";
import { copy } from "../copy.js";
import { live } from "../live.js";
import { say } from "../notice.js";
import { failure } from "../parts.js";

const DEBOUNCE_MILLIS = 300;

/** Nodes that ask their own loopback do not find this server; the configuration may know better. */
const LOOPBACK = /^(localhost|127\..*|\[::1\])$/;

export class Clients {
  parts = [];
  #refresh;
  /** As `GET client-config`. */
  #known;
  #runtime = "containerd";
  #host = LOOPBACK.test(location.hostname) ? undefined : location.hostname;

  /** What the configuration proposed, while nobody has typed another. */
  #proposed;
  #ca = "";
  #upstream = "";
  #onlyMirror = false;
  #config;
  #error;
  #question = new AbortController();
  #typing;

  constructor(refresh) {
    this.#refresh = refresh;
  }

  /** @param query may name the `runtime` */
  async open(query) {
    this.#runtime = query.get("runtime") ?? this.#runtime;
    try {
      this.#known ??= await get("client-config");
    } catch (error) {
      this.#error = error;
      this.#refresh();
      return;
    }
    if (this.#host === undefined) {
      this.#proposed = this.#known.host;
      this.#host = this.#proposed ?? "";
    }
    this.#ask();
  }

  close() {
    clearTimeout(this.#typing);
    this.#question.abort();
  }

  async #ask() {
    this.#question.abort();
    this.#question = new AbortController();
    const { signal } = this.#question;
    let config;
    let failed;
    try {
      const query = {
        host: this.#host.trim(),
        ca: this.#known.https ? this.#ca.trim() : undefined,
        upstream: this.#upstream,
        onlyMirror: this.#onlyMirror ? "true" : undefined,
      };
      config = await get(path("client-config", this.#runtime), query, signal);
    } catch (error) {
      failed = error;
    }
    if (!signal.aborted) {
      this.#config = config;
      this.#error = failed;
      this.#refresh();
    }
  }

  #set(change) {
    change();
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#ask(), DEBOUNCE_MILLIS);
  }

  template() {
    return html`
      <div class="fields">
        <label>
          Runtime
          <select @change=${(event) => (location.hash = `#/clients?runtime=${event.target.value}`)}>
            ${(this.#known?.runtimes ?? []).map(
              ({ name, summary }) =>
                html`<option value=${name} .selected=${name === this.#runtime}>${name}: ${summary}</option>`,
            )}
          </select>
        </label>
        <label>
          <span>Host <small>${this.#hostHint()}</small></span>
          <input
            type="text"
            placeholder="as configured, or HOST:PORT"
            .value=${this.#host ?? ""}
            @input=${(event) => this.#set(() => (this.#host = event.target.value))}
          />
        </label>
        <label>
          Upstream
          <select @change=${(event) => this.#set(() => (this.#upstream = event.target.value))}>
            <option value="">all</option>
            ${(live.status?.upstreams ?? [])
              .filter(({ configured }) => configured)
              .map(({ name }) => html`<option value=${name}>${name}</option>`)}
          </select>
        </label>
        <label class="check">
          <input
            type="checkbox"
            .checked=${this.#onlyMirror}
            @change=${(event) => this.#set(() => (this.#onlyMirror = event.target.checked))}
          />
          Only through here <small>nodes never ask the registries themselves</small>
        </label>
        ${this.#known?.https ? this.#caField() : nothing}
      </div>
      ${failure(this.#error)} ${this.#config === undefined ? nothing : configuration(this.#config)}
    `;
  }

  #hostHint() {
    return this.#host !== undefined && this.#host === this.#proposed
      ? "as configured: see that nodes reach it so"
      : "of this server, as nodes reach it";
  }

  #caField() {
    return html`<label class="certificates">
      <span>CA <small>certificates that nodes are to trust, PEM; none where they trust the server's already</small></span>
      <textarea
        rows="3"
        spellcheck="false"
        placeholder="-----BEGIN CERTIFICATE-----"
        .value=${this.#ca}
        @input=${(event) => this.#set(() => (this.#ca = event.target.value))}
      ></textarea>
    </label>`;
  }
}

function configuration({ files, notes }) {
  return html`
    ${files.map(
      (file) => html`<section class="card file" aria-label=${file.path}>
        <header>
          <h2><code>${file.path}</code> <small>mode ${file.mode}</small></h2>
          <button type="button" aria-label="Copy ${file.path}" @click=${() => copyFile(file)}>Copy</button>
        </header>
        <pre tabindex="0"><code>${file.text}</code></pre>
      </section>`,
    )}
    ${notes.length === 0
      ? nothing
      : html`<section class="card" aria-label="Notes">
          <h2>Notes</h2>
          <ul class="list">
            ${notes.map((note) => html`<li>${note}</li>`)}
          </ul>
        </section>`}
  `;
}

async function copyFile(file) {
  say((await copy(file.text)) ? `Copied: ${file.path}` : "The browser did not let it be copied.");
}
