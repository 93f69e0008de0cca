package io.weir.upstream;

/**
 * One URL of an upstream with all that belongs to it.
 *
 * @param gate the memory of its failures
 * @param authorizer who sends requests there
 * @param vitals how the upstream has been, at all its URLs
 */
record Site(Endpoint endpoint, Gate gate, Authorizer authorizer, Vitals vitals) {

  /** A body from there broke. */
  void broke(UpstreamException why) {
    gate.demote();
    // Whoever gave it up is to blame, and not the upstream.
    if (!Thread.currentThread().isInterrupted()) {
      vitals.failed(why);
    }
  }
}
