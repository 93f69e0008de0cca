package io.weir.upstream;

/** A credential helper gave no credentials. The message may be shown to anybody. */
final class HelperException extends Exception {

  private final String said;

  /**
   * @param said what it printed of it, for operators: one line without control characters and
   *     without what looks like a secret; may be empty
   */
  HelperException(String message, String said) {
    super(message);
    this.said = said;
  }

  String said() {
    return said;
  }
}
