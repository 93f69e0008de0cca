/** Small templates that several views use. */

import { html, nothing } from "./lib/lit-html/lit-html.js";
import { bytes, moment, number, relative } from "./format.js";

/** How long ago something was, or how soon it will be. */
export function time(instant) {
  return html`<time datetime=${instant} title=${moment(instant)}>${relative(instant)}</time>`;
}

/** A digest as short as people write it. */
export function digest(text) {
  const [algorithm, hex] = text.split(":");
  return html`<code title=${text}>${algorithm}:${hex.slice(0, 12)}</code>`;
}

/** A word with a colour behind it: `good`, `warn`, `bad` or `plain`. */
export function badge(kind, word, title) {
  return html`<span class="badge ${kind}" title=${title ?? nothing}>${word}</span>`;
}

/** What went wrong, where it did; nothing where all is well. */
export function failure(error) {
  return error === undefined
    ? nothing
    : html`<p class="failure" role="alert">${error.message}</p>`;
}

/** What stands where a list would be, and what to do next. */
export function empty(title, hint) {
  return html`<div class="empty">
    <p><strong>${title}</strong></p>
    <p>${hint}</p>
  </div>`;
}

/** How far something is, of something that has an end or none that is known. */
export function progress(label, done, total) {
  return total > 0
    ? html`<progress aria-label=${label} max=${total} value=${Math.min(done, total)}></progress>`
    : html`<progress aria-label=${label}></progress>`;
}

/** The same in words. */
export function progressText(done, total) {
  return total > 0
    ? html`${Math.floor((100 * done) / total)} % <small>of ${bytes(total)}</small>`
    : html`${bytes(done)}`;
}

/** What an upstream's rate limit leaves. */
export function rateLimit(upstream) {
  const { limit, remaining = upstream.rateLimitRemaining } = upstream.rateLimit ?? {};
  if (remaining === undefined) {
    return html`<span class="muted">${limit === undefined ? "none said" : "not known now"}</span>`;
  }
  return limit === undefined
    ? html`${number(remaining)} left`
    : html`${number(remaining)} of ${number(limit)}
        <meter
          aria-label="Rate limit of ${upstream.name}"
          min="0"
          max=${limit}
          low=${limit / 10}
          high=${limit / 4}
          optimum=${limit}
          value=${remaining}
        ></meter>`;
}

/** Whether an upstream answers. */
export function upstreamState(upstream) {
  if (!upstream.configured) {
    return badge("plain", "not configured", "only what is stored of it is left");
  }
  return upstream.up ? badge("good", "up") : badge("bad", "down");
}
