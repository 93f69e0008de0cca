/** The registries behind: do they answer, what went wrong, who is the server there. */

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { path, post } from "../api.js";
import { bytes, counted, seconds, span } from "../format.js";
import { live } from "../live.js";
import { badge, rateLimit, time, upstreamState } from "../parts.js";

export class Upstreams {
  parts = ["status"];
  #refresh;

  /** By an upstream's name: `{isAsking}`, or how it answered, or the `error` of the API. */
  #checks = new Map();

  constructor(refresh) {
    this.#refresh = refresh;
  }

  template() {
    if (live.status === undefined) {
      return html`<p class="muted">Loading …</p>`;
    }
    return html`<div class="columns">
      ${live.status.upstreams.map((upstream) => this.#card(upstream))}
    </div>`;
  }

  #card(upstream) {
    const check = this.#checks.get(upstream.name);
    return html`<section class="card">
      <h2>${upstream.name} ${upstreamState(upstream)}</h2>
      <dl class="facts">
        <dt>Last answer</dt>
        <dd>${upstream.lastAnswer === undefined ? never() : time(upstream.lastAnswer)}</dd>
        ${upstream.lastError === undefined
          ? nothing
          : html`<dt>Last error</dt>
              <dd>${upstream.lastError.reason}, ${time(upstream.lastError.at)}</dd>`}
        <dt>Rate limit</dt>
        <dd>${rateLimit(upstream)} ${rateWindow(upstream.rateLimit)}</dd>
        <dt>Stored</dt>
        <dd>
          ${bytes(upstream.bytes)} in ${counted(upstream.blobs, "file")}
          ${upstream.limitBytes === undefined ? nothing : html`of ${bytes(upstream.limitBytes)}`}
        </dd>
        <dt>Kept for</dt>
        <dd>${upstream.ttl === undefined ? "ever" : html`${span(seconds(upstream.ttl))} after its last pull`}</dd>
        ${upstream.requests === undefined
          ? nothing
          : html`<dt>Since the start</dt>
              <dd>
                ${counted(upstream.requests, "request")}, ${bytes(upstream.sentBytes)} sent,
                ${bytes(upstream.receivedBytes)} received
              </dd>`}
        <dt>Credentials</dt>
        <dd>${credentials(upstream.credentials)}</dd>
      </dl>
      ${upstream.configured
        ? html`<div class="actions">
            <button type="button" ?disabled=${check?.isAsking} @click=${() => this.#check(upstream.name)}>
              Try now
            </button>
            <span role="status">${outcome(check)}</span>
          </div>`
        : nothing}
    </section>`;
  }

  async #check(name) {
    this.#set(name, { isAsking: true });
    try {
      this.#set(name, await post(path("upstreams", name, "check")));
    } catch (error) {
      this.#set(name, { error });
    }
  }

  #set(name, check) {
    this.#checks.set(name, check);
    this.#refresh();
  }
}

function never() {
  return html`<span class="muted">none since the start</span>`;
}

function rateWindow(limit) {
  return limit?.window === undefined ? nothing : html`in ${span(seconds(limit.window))}`;
}

function credentials(who) {
  if (who === undefined) {
    return html`<span class="muted">none: it is asked anonymously</span>`;
  }
  return html`
    <code>${who.source}</code>
    ${who.username === undefined ? nothing : html`as <b>${who.username}</b>`}
    ${who.since === undefined ? nothing : html`, read ${time(who.since)}`}
    ${who.until === undefined ? nothing : html`, asked anew ${time(who.until)}`}
    ${who.failure === undefined
      ? nothing
      : html`<p class="failure">${who.failure}${who.failed === undefined ? nothing : html`, ${time(who.failed)}`}</p>`}
  `;
}

function outcome(check) {
  if (check === undefined) {
    return nothing;
  }
  if (check.isAsking) {
    return "asking …";
  }
  if (check.error !== undefined) {
    return html`<span class="failure">${check.error.message}</span>`;
  }
  return check.up
    ? html`${badge("good", "answered")} in ${(check.seconds * 1000).toFixed(0)} ms`
    : html`${badge("bad", "failed")} <span class="failure">${check.problem}</span>`;
}
