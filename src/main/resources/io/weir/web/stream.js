/**
 * Server-sent events, read with fetch, since EventSource cannot send an Authorization header.
 *
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */

import { request } from "./api.js";

const FIRST_WAIT_MILLIS = 1_000;
const WAIT_MILLIS_MAX = 15_000;

/** The server says something every 15 seconds; without it the connection is dead, and nobody says so. */
const SILENCE_MILLIS_MAX = 25_000;

/** Makes events of the text of a stream, which may come in any pieces. */
export class EventParser {
  #rest = "";
  #endsInReturn = false;
  #type = "";
  #data = "";
  #id = "";
  #dispatch;

  /** @param dispatch is called with each event: its type, its data, and the last id so far */
  constructor(dispatch) {
    this.#dispatch = dispatch;
  }

  push(text) {
    if (text === "") {
      return;
    }
    // The second half of a line end whose first half came before.
    const piece = this.#endsInReturn && text.startsWith("\n") ? text.slice(1) : text;
    this.#endsInReturn = text.endsWith("\r");
    const lines = (this.#rest + piece).split(/\r\n|\n|\r/);
    this.#rest = lines.pop();
    lines.forEach((line) => this.#take(line));
  }

  #take(line) {
    if (line === "") {
      this.#end();
      return;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    // A line that begins with a colon is a comment. `retry` is not kept: see EventStream.
    if (field === "event") {
      this.#type = value;
    } else if (field === "data") {
      this.#data += value + "\n";
    } else if (field === "id" && !value.includes("\0")) {
      this.#id = value;
    }
  }

  #end() {
    if (this.#data !== "") {
      this.#dispatch(this.#type || "message", this.#data.slice(0, -1), this.#id);
    }
    this.#type = "";
    this.#data = "";
  }
}

/** A stream that is read until it is stopped: where it breaks it is asked for again. */
export class EventStream {
  #path;
  #listener;
  #lastId = "";
  #run = null;
  #connection = null;
  #wakeUp = () => {};

  /**
   * @param path below the API
   * @param listener `event(type, data, id)`; `lost()` when the connection is; `refused(error)` when
   *     it is not given, which ends it
   */
  constructor(path, listener) {
    this.#path = path;
    this.#listener = listener;
  }

  /** Reads on after the last event that was read, in a new connection. */
  start() {
    this.#end();
    this.#run = {};
    this.#read(this.#run);
  }

  /** Ends it, and forgets what was read. */
  stop() {
    this.#end();
    this.#lastId = "";
  }

  #end() {
    this.#run = null;
    this.#connection?.abort();
    this.#wakeUp();
  }

  /** Asks again at once where it would wait. */
  hurry() {
    this.#wakeUp();
  }

  async #read(run) {
    let wait = FIRST_WAIT_MILLIS;
    while (run === this.#run) {
      let isGiven = false;
      try {
        await this.#readOnce(run, () => (isGiven = true));
      } catch (error) {
        if (run === this.#run && (error.status === 401 || error.status === 403)) {
          this.#run = null;
          this.#listener.refused(error);
        }
      }
      if (run !== this.#run) {
        return;
      }
      this.#listener.lost();
      wait = isGiven ? FIRST_WAIT_MILLIS : wait;
      await this.#pause(wait);
      wait = Math.min(wait * 2, WAIT_MILLIS_MAX);
    }
  }

  async #readOnce(run, given) {
    const connection = new AbortController();
    this.#connection = connection;
    let silence = setTimeout(() => connection.abort(), SILENCE_MILLIS_MAX);
    try {
      const headers = { Accept: "text/event-stream" };
      if (this.#lastId !== "") {
        headers["Last-Event-ID"] = this.#lastId;
      }
      const response = await request(this.#path, { headers, signal: connection.signal });
      given();
      const parser = new EventParser((type, data, id) => {
        if (run === this.#run) {
          this.#lastId = id || this.#lastId;
          this.#listener.event(type, data, id);
        }
      });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        clearTimeout(silence);
        silence = setTimeout(() => connection.abort(), SILENCE_MILLIS_MAX);
        parser.push(piece.value);
      }
    } finally {
      clearTimeout(silence);
    }
  }

  #pause(millis) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, millis);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
