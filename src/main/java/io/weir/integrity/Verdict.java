package io.weir.integrity;

/** What is found when stored content is read again. */
sealed interface Verdict {

  /** It hashes to its digest. */
  record Sound() implements Verdict {}

  /** There is no file. */
  record Missing() implements Verdict {}

  /**
   * It is not what it was.
   *
   * @param reason in a few words
   */
  record Damaged(String reason) implements Verdict {}

  /**
   * It could not be found out.
   *
   * @param reason in a few words
   */
  record Unknown(String reason) implements Verdict {}
}
