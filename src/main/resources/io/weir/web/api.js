/** The API of the server that this page came from. */

const BASE = "api/v1/";
const TOKEN_KEY = "weir.token";

/** What the API answered instead of what was asked for. */
export class ApiError extends Error {
  /**
   * @param status the HTTP status; 0 where nothing answered
   * @param detail what is wrong, in words for people
   */
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

let refused = () => {};

/** Tells `listener` each time that the API wants a token, or another one. */
export function whenRefused(listener) {
  refused = listener;
}

/** Whether there is a token to sign out with. */
export function hasToken() {
  return sessionStorage.getItem(TOKEN_KEY) !== null;
}

/** Forgets the token. */
export function signOut() {
  sessionStorage.removeItem(TOKEN_KEY);
}

/**
 * Shows requests to come with a token, which this tab alone keeps, until it is closed.
 *
 * @throws ApiError where the API does not take it
 */
export async function signIn(token) {
  await answer(await send("status", { headers: authorization(token) }));
  sessionStorage.setItem(TOKEN_KEY, token);
}

/** GET; `query` may have members that are undefined or empty, which are left out. */
export async function get(path, query = {}, signal) {
  return json(await request(path + search(query), { signal }));
}

/** POST, with a document or nothing as the body. */
export async function post(path, document) {
  const body = document === undefined ? undefined : JSON.stringify(document);
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  return json(await request(path, { method: "POST", body, headers }));
}

/** DELETE. */
export async function remove(path, query = {}) {
  return json(await request(path + search(query), { method: "DELETE" }));
}

/** The answer as it begins; its body is the caller's to read. */
export async function request(path, { headers = {}, ...options } = {}) {
  const token = sessionStorage.getItem(TOKEN_KEY);
  const all = { ...headers, ...(token === null ? {} : authorization(token)) };
  try {
    return await answer(await send(path, { ...options, headers: all }));
  } catch (error) {
    if (error.status === 401) {
      refused();
    }
    throw error;
  }
}

/** A path below the API's for what has slashes of its own, such as an image's reference. */
export function path(...segments) {
  return segments.map((segment) => segment.split("/").map(encodeURIComponent).join("/")).join("/");
}

function authorization(token) {
  return { Authorization: `Bearer ${token}` };
}

function search(query) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const pairs = given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? "" : "?" + pairs.join("&");
}

async function send(path, options) {
  try {
    return await fetch(BASE + path, options);
  } catch (error) {
    if (error.name === "AbortError") {
      throw error;
    }
    throw new ApiError(0, "the server does not answer");
  }
}

async function answer(response) {
  if (response.ok) {
    return response;
  }
  throw new ApiError(response.status, await problem(response));
}

/** What a problem document says (RFC 9457); another body is not worth showing. */
async function problem(response) {
  try {
    const document = await response.json();
    return document.detail ?? document.title;
  } catch {
    return `the server answered with status ${response.status}`;
  }
}

async function json(response) {
  return response.status === 204 ? undefined : response.json();
}
