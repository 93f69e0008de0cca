/** The page around the views: navigation, the state of the connection, signing in. */

import { html, nothing, render } from "./lib/lit-html/lit-html.js";
import { hasToken, signIn, signOut, whenRefused } from "./api.js";
import { Dialog } from "./dialog.js";
import { connect, disconnect, hurry, live, subscribe } from "./live.js";
import { notice, say, whenNotice } from "./notice.js";
import { failure } from "./parts.js";
import * as themes from "./theme.js";
import { Clients } from "./views/clients.js";
import { Events } from "./views/events.js";
import { Images } from "./views/images.js";
import { Jobs } from "./views/jobs.js";
import { Overview } from "./views/overview.js";
import { Transfers } from "./views/transfers.js";
import { Upstreams } from "./views/upstreams.js";

/**
 * By their names in the address. A view has `template()`, and `parts`: those of `live` with which it
 * changes. It may have `open(query)`, called also when only the query is another one, and `close()`.
 */
const VIEWS = {
  overview: { title: "Overview", View: Overview },
  transfers: { title: "Transfers", View: Transfers },
  images: { title: "Images", View: Images },
  upstreams: { title: "Upstreams", View: Upstreams },
  clients: { title: "Clients", View: Clients },
  jobs: { title: "Jobs", View: Jobs },
  events: { title: "Events", View: Events },
};

const CONNECTIONS = {
  connecting: "connecting",
  open: "live",
  lost: "connection lost",
  refused: "no access",
};

const root = document.getElementById("app");

let name;
let view;
let signInDialog;
let isToBeDrawn = false;

function refresh() {
  if (!isToBeDrawn) {
    isToBeDrawn = true;
    requestAnimationFrame(() => {
      isToBeDrawn = false;
      draw();
    });
  }
}

// ---- where we are ----

function route() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?", 2);
  return { name: Object.hasOwn(VIEWS, path) ? path : "overview", query: new URLSearchParams(query) };
}

function follow() {
  const next = route();
  const isOther = next.name !== name;
  if (isOther) {
    closeView();
    name = next.name;
  }
  openView(next.query);
  if (isOther) {
    draw();
    // Whoever does not see the page is told where it is now, and Tab goes on from there.
    root.querySelector("h1").focus();
    scrollTo(0, 0);
  }
}

/** There is a view while the server has said that it is there, and lets us look. */
function openView(query) {
  if (live.started !== undefined) {
    view ??= new VIEWS[name].View(refresh);
    view.open?.(query);
  }
  refresh();
}

function closeView() {
  view?.close?.();
  view = undefined;
}

// ---- what the server says ----

let wasLost = false;

function changed(part) {
  if (part === "restart") {
    wasLost = false;
    closeView();
    openView(route().query);
    say("The server was started anew; all that is shown is new.");
  } else if (part === "connection") {
    connectionChanged();
  } else if (view?.parts.includes(part) || part === "status") {
    refresh();
  }
}

function connectionChanged() {
  if (live.connection === "open") {
    if (view === undefined) {
      openView(route().query);
    } else if (wasLost) {
      say("Connected again.");
    }
    wasLost = false;
  } else if (live.connection === "lost") {
    wasLost = true;
  }
  refresh();
}

// ---- who may look ----

function askForToken() {
  if (signInDialog !== undefined) {
    return;
  }
  let error;
  const dialog = new Dialog({
    title: "Sign in",
    content: () => html`<form class="stack" @submit=${submit}>
      <p>The server shows itself to who has its token: what stands in <code>admin.token-file</code>.</p>
      <label>
        Token
        <input type="password" name="token" required autocomplete="current-password" autofocus />
      </label>
      ${failure(error)}
      <div class="actions"><button type="submit" class="primary">Sign in</button></div>
      <p class="muted">It is kept in this tab, until you sign out or close it.</p>
    </form>`,
    closed: () => (signInDialog = undefined),
  });
  signInDialog = dialog;

  async function submit(event) {
    event.preventDefault();
    try {
      await signIn(event.target.elements.token.value.trim());
      dialog.close();
      closeView();
      connect();
    } catch (refusal) {
      error = refusal.status === 401 ? new Error("This is not the server's token.") : refusal;
      dialog.draw();
    }
  }
}

function leave() {
  signOut();
  closeView();
  disconnect();
  connect();
}

// ---- drawing ----

function draw() {
  const { title } = VIEWS[name];
  document.title = `${title} · Weir`;
  render(shell(title), root);
}

function shell(title) {
  return html`
    <a class="skip" href="#main" @click=${skip}>Skip to the content</a>
    <header class="top">
      <a class="brand" href="#/overview"><img src="logo.svg" alt="" width="28" height="28" />Weir</a>
      <span class="connection ${live.connection}">${CONNECTIONS[live.connection]}</span>
      <span class="space"></span>
      <label>
        <span class="off-screen">Theme</span>
        <select @change=${(event) => themes.choose(event.target.value)}>
          ${themes.THEMES.map(
            (theme) => html`<option value=${theme} .selected=${theme === themes.theme()}>${theme}</option>`,
          )}
        </select>
      </label>
      ${hasToken() ? html`<button type="button" class="quiet" @click=${leave}>Sign out</button>` : nothing}
    </header>
    <nav aria-label="Views">
      <ul>
        ${Object.entries(VIEWS).map(
          ([key, one]) =>
            html`<li><a href="#/${key}" aria-current=${key === name ? "page" : nothing}>${one.title}</a></li>`,
        )}
      </ul>
    </nav>
    <main id="main" tabindex="-1" class=${name}>
      <h1 tabindex="-1">${title}</h1>
      ${lost()}
      ${view === undefined ? waiting() : view.template()}
    </main>
    <div class="toast" role="status">${notice()}</div>
  `;
}

function lost() {
  const isLost = live.connection === "lost";
  return html`<div class=${isLost ? "banner warn" : "off-screen"}>
    <span role="status">
      ${isLost
        ? view === undefined
          ? "The server does not answer; it is asked again and again."
          : "The connection to the server is lost; it is tried again and again. What stands here is from before."
        : nothing}
    </span>
    ${isLost ? html`<button type="button" @click=${hurry}>Try now</button>` : nothing}
  </div>`;
}

function waiting() {
  if (live.connection !== "refused") {
    return live.connection === "lost" ? nothing : html`<p class="muted">Connecting …</p>`;
  }
  return live.refusal.status === 401
    ? html`<div class="empty">
        <p><strong>The server wants its token.</strong></p>
        <p><button type="button" class="primary" @click=${askForToken}>Sign in</button></p>
      </div>`
    : html`<div class="empty">
        <p><strong>The server does not let you look.</strong></p>
        <p role="alert">${live.refusal.message}</p>
        <p><button type="button" @click=${connect}>Try again</button></p>
      </div>`;
}

/** A link to a part of the page would be a view's address here. */
function skip(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

name = route().name;
whenNotice(refresh);
whenRefused(askForToken);
subscribe(changed);
addEventListener("hashchange", follow);
connect();
draw();
