package io.weir.logging;

/**
 * One answer, for the access log. Texts may be empty.
 *
 * @param client its address
 * @param user who it proved to be; empty for one who did not say
 * @param method of HTTP
 * @param kind what was asked for, such as {@code manifest}
 * @param reference a tag or a digest
 * @param status of HTTP
 * @param bytes of the body that went out
 * @param seconds from the request's head to the answer's end
 * @param cache the value of {@code Cache-Status}
 * @param aborted whether the answer was cut short
 * @param traceId of the trace that tells more; left out where it is empty
 */
public record AccessEntry(
    String client,
    String user,
    String method,
    String upstream,
    String repository,
    String kind,
    String reference,
    int status,
    long bytes,
    double seconds,
    String cache,
    boolean aborted,
    String traceId) {

  private static final byte[] CLIENT = JsonLine.name("client");
  private static final byte[] USER = JsonLine.name("user");
  private static final byte[] METHOD = JsonLine.name("method");
  private static final byte[] UPSTREAM = JsonLine.name("upstream");
  private static final byte[] REPOSITORY = JsonLine.name("repository");
  private static final byte[] KIND = JsonLine.name("kind");
  private static final byte[] REFERENCE = JsonLine.name("reference");
  private static final byte[] STATUS = JsonLine.name("status");
  private static final byte[] BYTES = JsonLine.name("bytes");
  private static final byte[] SECONDS = JsonLine.name("seconds");
  private static final byte[] CACHE = JsonLine.name("cache");
  private static final byte[] ABORTED = JsonLine.name("aborted");
  private static final byte[] TRACE_ID = JsonLine.name("trace_id");

  /** Whether the same client asked for the same. */
  boolean hasSubjectOf(AccessEntry other) {
    return reference.equals(other.reference)
        && repository.equals(other.repository)
        && upstream.equals(other.upstream)
        && kind.equals(other.kind)
        && method.equals(other.method)
        && client.equals(other.client)
        && user.equals(other.user);
  }

  /** The same number where {@link #hasSubjectOf}. */
  int subjectHash() {
    int hash = (31 * repository.hashCode() + reference.hashCode()) * 31 + client.hashCode();
    return hash ^ hash >>> 16;
  }

  /** Who asked for what, as members of a JSON object. */
  void appendSubjectTo(JsonLine line) {
    line.text(CLIENT, client)
        .text(USER, user)
        .text(METHOD, method)
        .text(UPSTREAM, upstream)
        .text(REPOSITORY, repository)
        .text(KIND, kind)
        .text(REFERENCE, reference);
  }

  /** What became of it, as members of a JSON object. */
  void appendOutcomeTo(JsonLine line) {
    line.number(STATUS, status)
        .number(BYTES, bytes)
        .seconds(SECONDS, seconds)
        .text(CACHE, cache)
        .truth(ABORTED, aborted);
    if (!traceId.isEmpty()) {
      line.text(TRACE_ID, traceId);
    }
  }

  /**
   * As text: {@code GET docker.io/library/nginx:1.27 200 1234 0.012s hit 10.0.0.7 kind=manifest},
   * with {@code -} for what is empty.
   */
  void appendTo(StringBuilder line) {
    word(line, method);
    line.append(' ');
    target(line);
    line.append(' ').append(status).append(' ').append(bytes).append(' ');
    seconds(line);
    line.append(' ');
    word(line, cache);
    line.append(' ');
    word(line, client);
    line.append(" kind=").append(kind);
    if (!user.isEmpty()) {
      line.append(" user=");
      word(line, user);
    }
    if (aborted) {
      line.append(" aborted=true");
    }
    if (!traceId.isEmpty()) {
      line.append(" trace_id=").append(traceId);
    }
  }

  /** As one would write the image: a tag follows a colon, a digest an at sign. */
  private void target(StringBuilder line) {
    word(line, upstream);
    if (!repository.isEmpty()) {
      line.append('/');
      word(line, repository);
    }
    if (!reference.isEmpty()) {
      line.append(reference.indexOf(':') >= 0 ? '@' : ':');
      word(line, reference);
    }
  }

  private void seconds(StringBuilder line) {
    long millis = Math.round(seconds * 1000);
    line.append(millis / 1000).append('.');
    line.append((char) ('0' + millis / 100 % 10));
    line.append((char) ('0' + millis / 10 % 10));
    line.append((char) ('0' + millis % 10)).append('s');
  }

  private static void word(StringBuilder line, String value) {
    if (value.isEmpty()) {
      line.append('-');
    } else {
      Escaping.value(line, value);
    }
  }
}
