/** A job, as several views show it. */

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

/** How far it is, with a bar. */
export function jobProgress(job) {
  const { done, total, unit } = job.progress;
  const text = unit === "bytes" ? bytes : (count) => `${number(count)} ${unit}`;
  return html`<div class="progress">
    ${progress(`${jobName(job)}: progress`, done, total)}
    ${unit === ""
      ? nothing
      : total > 0
        ? html`${Math.floor((100 * done) / total)} % <small>${text(done)} of ${text(total)}</small>`
        : html`<small>${text(done)}</small>`}
  </div>`;
}

/** What came of it. */
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
  gc: ({ dryRun, count, freedBytes, images }) => html`
    <p>
      ${counted(count, "image")} ${dryRun ? "would leave" : "left"}, ${bytes(freedBytes)}
      ${dryRun ? "would be" : "are"} free.
    </p>
    ${details(
      images.map((image) => html`<li>${image.reference} <small>${image.reason}, ${bytes(image.freedBytes)}</small></li>`),
      count,
    )}
  `,

  scrub: ({ bytes: read, blobs, damaged, count, unrepaired, missing, complete }) => html`
    <p>
      ${bytes(read)} read in ${counted(blobs, "file")}:
      ${count === 0
        ? "nothing is damaged"
        : `${number(count)} damaged, ${number(count - unrepaired)} of them mended`},
      ${missing === 0 ? "nothing is missing" : `${number(missing)} missing`}${complete
        ? "."
        : "; it was cancelled before the end."}
    </p>
    ${details(
      damaged.map(
        (blob) => html`<li>
          ${digest(blob.digest)} ${blob.repositories.join(", ")}: ${blob.reason}
          ${blob.unrepaired === undefined
            ? badge("good", "mended")
            : html`<span class="failure">not mended: ${blob.unrepaired}</span>`}
        </li>`,
      ),
      count,
    )}
  `,

  warm: ({ images, failed }) => html`
    <p>
      ${counted(images.length - failed, "image")} ${images.length - failed === 1 ? "is" : "are"}
      here${failed > 0 ? `, ${number(failed)} failed` : nothing}.
    </p>
    <ul class="list">
      ${images.map((image) =>
        image.error === undefined
          ? html`<li>${image.reference} <small>${bytes(image.bytes)} in ${counted(image.blobs, "file")}</small></li>`
          : html`<li>${image.reference} <span class="failure">${image.error}</span></li>`,
      )}
    </ul>
  `,
};

function details(lines, count) {
  if (lines.length === 0) {
    return nothing;
  }
  return html`<details>
    <summary>Which</summary>
    <ul class="list">
      ${lines}
      ${count > lines.length ? html`<li class="muted">and ${number(count - lines.length)} more</li>` : nothing}
    </ul>
  </details>`;
}
