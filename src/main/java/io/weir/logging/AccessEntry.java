package io.weir.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import net.logstash.logback.argument.StructuredArgument;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * One answer, for the access log: the argument of an event of logger {@link #LOGGER}. An object of
 * its own rather than pairs, since there may be tens of thousands a second. Texts may be empty.
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
    boolean aborted)
    implements StructuredArgument {

  /** The logger of the access log. */
  public static final String LOGGER = "weir.access";

  /** What {@code event} tells of; null where it is of another kind. */
  static @Nullable AccessEntry of(ILoggingEvent event) {
    Object[] arguments = event.getArgumentArray();
    return arguments != null && arguments.length == 1 && arguments[0] instanceof AccessEntry entry
        ? entry
        : null;
  }

  /** As fields of the event's JSON object. */
  @Override
  public void writeTo(JsonGenerator json) {
    json.writeStringProperty("client", client);
    json.writeStringProperty("user", user);
    json.writeStringProperty("method", method);
    json.writeStringProperty("upstream", upstream);
    json.writeStringProperty("repository", repository);
    json.writeStringProperty("kind", kind);
    json.writeStringProperty("reference", reference);
    json.writeNumberProperty("status", status);
    json.writeNumberProperty("bytes", bytes);
    json.writeNumberProperty("seconds", Math.round(seconds * 1e6) / 1e6);
    json.writeStringProperty("cache", cache);
    json.writeBooleanProperty("aborted", aborted);
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
