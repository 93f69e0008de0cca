package io.weir.clients;

/** What one runtime, or a family of them, is told. Has no state. */
@FunctionalInterface
interface Generator {

  /** The files of a runtime that is to pull through the mirror. */
  ClientConfig generate(Mirror mirror);
}
