/** What the server last said of itself. It is changed here only, by the stream of its events. */

import { get } from "./api.js";
import { Speeds } from "./speeds.js";
import { EventStream } from "./stream.js";

const SAMPLES_MAX = 360;
const LINES_MAX = 1000;

/** How the stream is: `connecting`, `open`, `lost`, or `refused` with the `refusal` beside it. */
export const live = {
  connection: "connecting",
  refusal: undefined,
  ...nothingYet(),
};

function nothingYet() {
  return {
    /** When the server started; undefined before it has said so. */
    started: undefined,
    /** As `GET status`. */
    status: undefined,
    /** As `GET transfers`. */
    transfers: undefined,
    fetchSpeeds: new Speeds(),
    answerSpeeds: new Speeds(),
    /** As `GET jobs`. */
    jobs: undefined,
    /** As the samples of `GET history`. */
    history: [],
    /** Lines of the log, each with its `id`, the newest last. */
    log: [],
  };
}

const listeners = new Set();

/**
 * Tells `listener` by its name of each part of `live` that changes, and of `restart`, after which
 * all is new. Gives what ends that.
 */
export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function changed(part) {
  listeners.forEach((listener) => listener(part));
}

const stream = new EventStream("events", {
  event: (type, data, id) => handlers[type]?.(JSON.parse(data), id),
  lost: () => connectionIs("lost"),
  refused: (error) => connectionIs("refused", error),
});

/** Begins to listen, or does so once more. */
export function connect() {
  connectionIs("connecting");
  stream.start();
}

/** Listens no more, and forgets what was said. */
export function disconnect() {
  stream.stop();
  Object.assign(live, nothingYet());
}

/** Tries at once to connect again. */
export function hurry() {
  stream.hurry();
}

function connectionIs(state, refusal) {
  live.connection = state;
  live.refusal = refusal;
  changed("connection");
}

const handlers = {
  hello({ started }) {
    const isRestarted = live.started !== undefined && live.started !== started;
    if (isRestarted) {
      // Its log counts from one again: what is asked for after a line of before would be nothing.
      Object.assign(live, nothingYet(), { started });
      stream.stop();
      stream.start();
      changed("restart");
      return;
    }
    live.started = started;
    connectionIs("open");
    readHistory();
  },

  status(status) {
    live.status = status;
    changed("status");
  },

  transfers(transfers) {
    live.transfers = transfers;
    const { fetches, answers } = transfers;
    live.fetchSpeeds.take(fetches, ({ digest }) => digest, ({ receivedBytes }) => receivedBytes);
    live.answerSpeeds.take(answers, ({ id }) => id, ({ sentBytes }) => sentBytes);
    changed("transfers");
  },

  jobs(jobs) {
    live.jobs = jobs;
    changed("jobs");
  },

  history(sample) {
    add([sample]);
  },

  log(line, id) {
    if (live.log.some((known) => known.id === id)) {
      return;
    }
    live.log = [...live.log.slice(1 - LINES_MAX), { ...line, id }];
    changed("log");
  },
};

/** What was before the stream began, and while it was broken. */
async function readHistory() {
  try {
    const { samples } = await get("history");
    add(samples);
  } catch {
    // The charts begin with what the stream brings.
  }
}

function add(samples) {
  const byTime = new Map([...live.history, ...samples].map((sample) => [sample.at, sample]));
  live.history = [...byTime.values()]
    .sort((one, other) => Date.parse(one.at) - Date.parse(other.at))
    .slice(-SAMPLES_MAX);
  changed("history");
}
