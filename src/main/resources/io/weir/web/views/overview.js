/** Is it used, what does it save, is it healthy, when will it fill. */

import { html, nothing } from "../lib/lit-html/lit-html.js";
import { Chart } from "../chart.js";
import { bytes, counted, number, percent, rate, relative, seconds, span, speed } from "../format.js";
import { live } from "../live.js";
import { badge, empty, rateLimit, time, upstreamState } from "../parts.js";
import { rates } from "../rates.js";

const NEAR_EXPIRY_DAYS = 30;
const DAY_MILLIS = 86_400_000;

export class Overview {
  parts = ["status", "history"];
  #charts;

  constructor(refresh) {
    this.#charts = [
      new Chart({
        title: "Requests",
        series: [
          { name: "hits", key: "hits", look: "first" },
          { name: "others", key: "others", look: "second" },
        ],
        format: rate,
        refresh,
      }),
      new Chart({
        title: "Bytes",
        series: [
          { name: "to clients", key: "sentBytes", look: "first" },
          { name: "from upstreams", key: "receivedBytes", look: "second" },
        ],
        format: speed,
        least: 1024,
        refresh,
      }),
      new Chart({
        title: "Store",
        series: [{ name: "used", key: "usedBytes", look: "first" }],
        format: bytes,
        least: 1024,
        refresh,
      }),
    ];
  }

  template() {
    const status = live.status;
    if (status === undefined) {
      return html`<p class="muted">Loading …</p>`;
    }
    const points = rates(live.history);
    return html`
      ${warnings(status)} ${isNew(status) ? welcome() : nothing} ${tiles(status)}
      <div class="charts">${this.#charts.map((chart) => chart.template(points))}</div>
      <div class="columns">${store(status.store)} ${integrity(status)}</div>
      ${upstreams(status.upstreams)}
    `;
  }
}

function warnings({ obstacle, certificateExpires, store: { full } }) {
  const isNear =
    certificateExpires !== undefined &&
    Date.parse(certificateExpires) - Date.now() < NEAR_EXPIRY_DAYS * DAY_MILLIS;
  return html`
    ${obstacle === undefined
      ? nothing
      : html`<p class="banner bad">Pulls are not answered: ${obstacle}.</p>`}
    ${full
      ? html`<p class="banner warn">The disk is full: what is not stored passes through, unstored.</p>`
      : nothing}
    ${isNear
      ? html`<p class="banner warn">
          The certificate that clients are shown
          ${Date.parse(certificateExpires) < Date.now() ? "expired" : "expires"}
          ${time(certificateExpires)}. <code>weir tls renew</code> renews one of its own.
        </p>`
      : nothing}
  `;
}

function isNew({ requests, store: { blobs } }) {
  return requests.total === 0 && blobs === 0;
}

function welcome() {
  return empty(
    "Nothing has been pulled through here yet.",
    html`<a href="#/clients">Clients</a> says what each runtime has to be told.`,
  );
}

function tiles({ requests, transfers, started, version, uptime }) {
  const judged = requests.total - (requests.byOutcome.error ?? 0);
  return html`<dl class="tiles">
    ${tile(
      "Hit ratio",
      requests.hitRatio === undefined ? "–" : percent(requests.hitRatio),
      html`${number(requests.hits)} of ${number(judged)} answers`,
    )}
    ${tile(
      "Sent to clients",
      bytes(requests.sentBytes),
      html`${bytes(requests.receivedBytes)} from upstreams`,
    )}
    ${tile(
      "Saved",
      bytes(requests.savedBytes ?? requests.sentBytes - requests.receivedBytes),
      requests.savedRequests === undefined
        ? nothing
        : html`${counted(requests.savedRequests, "upstream request")}`,
    )}
    ${tile("Requests", number(requests.total), counted(requests.byOutcome.error ?? 0, "error"))}
    ${tile("Transfers now", number(transfers), html`<a href="#/transfers">watch them</a>`)}
    ${tile("Up for", span(seconds(uptime)), html`<span title=${relative(started)}>version ${version}</span>`)}
  </dl>`;
}

function tile(name, value, more) {
  return html`<div class="tile">
    <dt>${name}</dt>
    <dd>${value}</dd>
    <dd class="muted">${more}</dd>
  </div>`;
}

function store(disk) {
  return html`<section class="card" aria-labelledby="store">
    <h2 id="store">Store</h2>
    <meter
      aria-label="Part of the limit that the store takes"
      min="0"
      max=${disk.limitBytes}
      low=${0.85 * disk.limitBytes}
      high=${0.95 * disk.limitBytes}
      optimum="0"
      value=${disk.usedBytes}
    ></meter>
    <dl class="facts">
      <dt>Used</dt>
      <dd>
        ${bytes(disk.usedBytes)} of ${bytes(disk.limitBytes)}
        (${percent(disk.limitBytes > 0 ? disk.usedBytes / disk.limitBytes : 1)})
        ${disk.full ? badge("bad", "full") : nothing}
      </dd>
      <dt>Full</dt>
      <dd>
        ${disk.fullIn === undefined
          ? html`<span class="muted">does not grow, or is watched for too short a time</span>`
          : html`in about ${span(seconds(disk.fullIn))}`}
      </dd>
      <dt>Content</dt>
      <dd>${bytes(disk.bytes)} in ${counted(disk.blobs, "file")}</dd>
      <dt>Disk</dt>
      <dd>${bytes(disk.availableBytes)} left of ${bytes(disk.capacityBytes)}</dd>
      <dt>Folder</dt>
      <dd><code>${disk.path}</code></dd>
    </dl>
  </section>`;
}

function integrity({ lastScrub, lastReconciliation, certificateExpires }) {
  return html`<section class="card" aria-labelledby="integrity">
    <h2 id="integrity">Integrity</h2>
    <dl class="facts">
      <dt>Last scrub</dt>
      <dd>${lastScrub === undefined ? none("no whole one yet") : scrubbed(lastScrub)}</dd>
      <dt>Files and index</dt>
      <dd>${lastReconciliation === undefined ? none("none since the start") : reconciled(lastReconciliation)}</dd>
      <dt>Certificate</dt>
      <dd>
        ${certificateExpires === undefined
          ? html`<span class="muted">pulls come without TLS</span>`
          : html`expires ${time(certificateExpires)}`}
      </dd>
    </dl>
    <p><a href="#/jobs">Scrub now</a></p>
  </section>`;
}

function none(text) {
  return html`<span class="muted">${text}</span>`;
}

function scrubbed(scrub) {
  const isSound = scrub.damaged === 0 && scrub.missing === 0;
  return html`
    ${time(scrub.ended)}: ${bytes(scrub.bytes)} in ${counted(scrub.blobs, "file")},
    ${isSound
      ? badge("good", "sound")
      : badge(scrub.unrepaired > 0 ? "bad" : "warn", `${number(scrub.damaged)} damaged`)}
    ${scrub.damaged > 0 ? html`${number(scrub.damaged - scrub.unrepaired)} of them mended` : nothing}
    ${scrub.missing > 0 ? html`${number(scrub.missing)} missing` : nothing}
  `;
}

function reconciled(result) {
  const isSound = result.damaged === 0 && result.lost === 0;
  return html`
    compared ${time(result.ended)},
    ${isSound
      ? badge("good", "the same")
      : badge("warn", `${number(result.damaged)} damaged, ${number(result.lost)} lost`)}
    ${result.adopted > 0 ? html`${number(result.adopted)} taken in` : nothing}
  `;
}

function upstreams(list) {
  return html`<div class="table" role="region" aria-label="Upstreams" tabindex="0">
    <table>
      <caption>
        Upstreams
      </caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">State</th>
          <th scope="col">Rate limit</th>
          <th scope="col" class="number">Stored</th>
          <th scope="col" class="number wide">Files</th>
        </tr>
      </thead>
      <tbody>
        ${list.map(
          (upstream) => html`<tr>
            <th scope="row"><a href="#/upstreams">${upstream.name}</a></th>
            <td>${upstreamState(upstream)}</td>
            <td>${rateLimit(upstream)}</td>
            <td class="number">${bytes(upstream.bytes)}</td>
            <td class="number wide">${number(upstream.blobs)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
