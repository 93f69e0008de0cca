/** A modal dialog. The browser keeps the focus in it, and gives it back to where it was. */

import { html, render } from "./lib/lit-html/lit-html.js";

let count = 0;

export class Dialog {
  #element = document.createElement("dialog");
  #titleId = `dialog-${++count}`;
  #title;
  #content;

  /**
   * Shows one.
   *
   * @param title what it is about
   * @param content gives the template of what stands below the title
   * @param closed is called when it is gone
   * @param look a class of the style sheet, such as `drawer`
   */
  constructor({ title, content, closed = () => {}, look = "" }) {
    this.#title = title;
    this.#content = content;
    this.#element.className = look;
    this.#element.setAttribute("aria-labelledby", this.#titleId);
    this.#element.addEventListener("close", () => {
      this.#element.remove();
      closed();
    });
    document.body.append(this.#element);
    this.draw();
    this.#element.showModal();
  }

  get isOpen() {
    return this.#element.open;
  }

  /** Draws it again, where it is still there. */
  draw() {
    render(
      html`
        <div class="head">
          <h2 id=${this.#titleId}>${this.#title}</h2>
          <button type="button" class="quiet" aria-label="Close" @click=${() => this.close()}>✕</button>
        </div>
        ${this.#content()}
      `,
      this.#element,
    );
  }

  close() {
    this.#element.close();
  }
}
