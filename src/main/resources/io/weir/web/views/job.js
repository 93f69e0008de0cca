/** A job, as several views show it. What came of it is listed where it was asked for by itself. */

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { bytes, counted, number } from "../format.js";
import { badge, digest, progress } from "../parts.js";

const NAMES = { gc: "Retention", scrub: "Scrub", warm: "Warm" };

const STATES = { running: "plain", done: "good", failed: "bad", cancelled: "warn" };

/** What a job is called. */
export function jobName({ kind }) {
  return NAMES[kind] ?? kind;
}

/** How it is. */
export function jobState({ state }) {
  return badge(STATES[state] ?? "plain", state);
}

/** How far it is, with a bar; where more may be found, that is said, and there is nothing to jump back. */
export function jobProgress(job) {
  const { done, total, unit, growing } = job.progress;
  const text = unit === "bytes" ? bytes : (count) => `${number(count)} ${unit}`;
  return html`<div class="progress">
    ${progress(`${jobName(job)}: progress`, done, growing ? 0 : total)}
    ${unit === "" ? nothing : progressWords()}
  </div>`;

  function progressWords() {
    if (growing) {
      return html`<small>${text(done)} of ${text(total)} found so far</small>`;
    }
    return total > 0
      ? html`${Math.floor((100 * done) / total)} % <small>${text(done)} of ${text(total)}</small>`
      : html`<small>${text(done)}</small>`;
  }
}

/** What came of it, in a sentence. */
export function jobResult(job) {
  if (job.error !== undefined) {
    return html`<p class="failure">${job.error}</p>`;
  }
  if (job.result === undefined) {
    return nothing;
  }
  return results[job.kind]?.(job.result) ?? nothing;
}

const results = {
  gc: ({ dryRun, count, freedBytes }) => html`
    <p>
      ${counted(count, "image")} ${dryRun ? "would leave" : "left"}, ${bytes(freedBytes)}
      ${dryRun ? "would be" : "are"} free.
    </p>
  `,

  scrub: ({ bytes: read, blobs, count, unrepaired, missing, complete }) => html`
    <p>
      ${bytes(read)} read in ${counted(blobs, "file")}:
      ${count === 0
        ? "nothing is damaged"
        : `${number(count)} damaged, ${number(count - unrepaired)} of them mended`},
      ${missing === 0 ? "nothing is missing" : `${number(missing)} missing`}${complete
        ? "."
        : "; it was cancelled before the end."}
    </p>
  `,

  warm: ({ count, failed }) => html`
    <p>
      ${counted(count - failed, "image")} ${count - failed === 1 ? "is" : "are"}
      here${failed > 0 ? `, ${number(failed)} failed` : nothing}.
    </p>
  `,
};

/** How much there is to list of what came of it. */
export function jobLength({ result }) {
  return result?.count ?? 0;
}

/** What came of it one by one, of a job that was asked for alone. */
export function jobList({ kind, result }) {
  const lines = lists[kind](result);
  const more = result.count - lines.length;
  return html`<ul class="list">
    ${lines} ${more > 0 ? html`<li class="muted">and ${number(more)} more</li>` : nothing}
  </ul>`;
}

const lists = {
  gc: ({ images }) =>
    images.map(
      (image) => html`<li>${image.reference} <small>${image.reason}, ${bytes(image.freedBytes)}</small></li>`,
    ),

  scrub: ({ damaged }) =>
    damaged.map(
      (blob) => html`<li>
        ${digest(blob.digest)} ${blob.repositories.join(", ")}: ${blob.reason}
        ${blob.unrepaired === undefined
          ? badge("good", "mended")
          : html`<span class="failure">not mended: ${blob.unrepaired}</span>`}
      </li>`,
    ),

  warm: ({ images }) =>
    images.map((image) =>
      image.error === undefined
        ? html`<li>${image.reference} <small>${bytes(image.bytes)} in ${counted(image.blobs, "file")}</small></li>`
        : html`<li>${image.reference} <span class="failure">${image.error}</span></li>`,
    ),
};
