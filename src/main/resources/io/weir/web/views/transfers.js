/** What is on its way at this moment: blobs from upstreams, and bodies to clients. */

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { repeat } from "../lib/lit-html/directives/repeat.js";
import { counted, number, speed } from "../format.js";
import { live } from "../live.js";
import { badge, digest, empty, progress, progressText, time } from "../parts.js";

const ROWS_MAX = 200;

export class Transfers {
  parts = ["transfers"];

  template() {
    const transfers = live.transfers;
    if (transfers === undefined) {
      return nowhere();
    }
    const { fetches, answers, fetchCount = fetches.length, answerCount = answers.length } = transfers;
    if (fetchCount === 0 && answerCount === 0) {
      return nowhere();
    }
    return html`
      ${table(
        `From upstreams: ${counted(fetchCount, "blob")}`,
        ["Image", "Blob", "Progress", "Speed", "Clients", "Begun"],
        fetches,
        fetchCount,
        ({ digest }) => digest, // a blob is fetched once, however many want it
        fetchRow,
      )}
      ${table(
        `To clients: ${counted(answerCount, "answer")}`,
        ["What", "Client", "Progress", "Speed", "Outcome", "Begun"],
        answers,
        answerCount,
        ({ id }) => id,
        answerRow,
      )}
    `;
  }
}

function nowhere() {
  return empty(
    "Nothing is on its way.",
    html`Pull an image, and it shows here while it comes. <a href="#/images">Images</a> can be
      fetched ahead of need, too.`,
  );
}

function table(caption, columns, things, count, key, row) {
  return html`<div class="table" role="region" aria-label=${caption} tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map(
            (column) =>
              html`<th scope="col" class=${column === "Speed" ? "number" : nothing}>${column}</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${repeat(things.slice(0, ROWS_MAX), key, row)}
      </tbody>
    </table>
    ${count > Math.min(ROWS_MAX, things.length)
      ? html`<p class="muted">The first ${number(Math.min(ROWS_MAX, things.length))} of ${number(count)}.</p>`
      : nothing}
  </div>`;
}

function fetchRow(fetch) {
  const { images = [] } = fetch;
  const name = images[0] ?? `${fetch.upstream}/${fetch.repository}`;
  const others = images.length - 1;
  return html`<tr>
    <th scope="row">
      ${name} ${others > 0 ? html`<small title=${images.join("\n")}>+${others}</small>` : nothing}
    </th>
    <td>${digest(fetch.digest)}</td>
    <td class="progress">
      ${progress(`Received of ${name}`, fetch.receivedBytes, fetch.sizeBytes)}
      ${progressText(fetch.receivedBytes, fetch.sizeBytes)}
    </td>
    <td class="number">${speedOf(live.fetchSpeeds.of(fetch.digest))}</td>
    <td>${fetch.ahead ? badge("plain", "ahead", "no client waits for it yet") : number(fetch.clients)}</td>
    <td>${time(fetch.started)}</td>
  </tr>`;
}

function answerRow(answer) {
  const name = `${answer.upstream}/${answer.repository}`;
  return html`<tr>
    <th scope="row">
      ${name}
      <small>${answer.reference.includes(":") ? digest(answer.reference) : answer.reference}</small>
    </th>
    <td>${answer.client ?? "–"} ${answer.user === undefined ? nothing : html`<small>${answer.user}</small>`}</td>
    <td class="progress">
      ${progress(`Sent of ${name} to ${answer.client ?? "a client"}`, answer.sentBytes, answer.sizeBytes)}
      ${progressText(answer.sentBytes, answer.sizeBytes)}
    </td>
    <td class="number">${speedOf(live.answerSpeeds.of(answer.id))}</td>
    <td>${badge(answer.outcome === "hit" ? "good" : "plain", answer.outcome)}</td>
    <td>${time(answer.started)}</td>
  </tr>`;
}

function speedOf(bytesPerSecond) {
  return bytesPerSecond === undefined ? "–" : speed(bytesPerSecond);
}
