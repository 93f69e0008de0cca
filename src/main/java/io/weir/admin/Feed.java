package io.weir.admin;

import io.vertx.core.http.HttpServerRequest;

/** The document of an answer that goes on until somebody ends it. */
@FunctionalInterface
interface Feed {

  /**
   * Begins the body; the head is prepared. Called on the request's event loop; does not block.
   *
   * @param access throws a {@link Refusal} when the request would not be let pass any more; may
   *     block
   */
  void begin(HttpServerRequest request, Runnable access);
}
