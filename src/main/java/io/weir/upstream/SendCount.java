package io.weir.upstream;

/**
 * How often a request was sent: again after a redirect, with other credentials, after a failure.
 * Used by one thread.
 */
final class SendCount {

  private int count;

  /** Counts one more; returns how many there were before. */
  int next() {
    return count++;
  }
}
