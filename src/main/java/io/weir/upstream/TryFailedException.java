package io.weir.upstream;

/** One try of a request came to nothing: what that means, and whether another may do better. */
final class TryFailedException extends Exception {

  /** What may help. */
  enum Remedy {
    /** The same again: the connection was closed before there was any answer to this request. */
    AT_ONCE,
    /** The same again after a pause. */
    LATER,
    /** Another URL, if there is one. */
    ELSEWHERE,
    /**
     * Another URL, if there is one; and that this one is in trouble is not certain, since it may be
     * the request alone that it cannot answer.
     */
    PERHAPS_ELSEWHERE,
    /** Nothing: it is an answer. */
    NOTHING
  }

  private final UpstreamException meaning;
  private final Remedy remedy;

  TryFailedException(UpstreamException meaning, Remedy remedy) {
    super(meaning);
    this.meaning = meaning;
    this.remedy = remedy;
  }

  UpstreamException meaning() {
    return meaning;
  }

  Remedy remedy() {
    return remedy;
  }
}
