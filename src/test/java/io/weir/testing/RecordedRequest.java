package io.weir.testing;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request as {@link ScriptedUpstream} read it.
 *
 * @param method in upper case
 * @param path as it stood on the wire, without the query
 * @param query what followed the question mark, or null where there was none
 * @param headers by name in lower case, with the values of repeated lines in their order
 * @param body the body; empty where there was none
 */
@SuppressWarnings("ArrayRecordComponent") // a record of what was read, never compared
public record RecordedRequest(
    String method,
    String path,
    @Nullable String query,
    Map<String, List<String>> headers,
    byte[] body) {

  /** The first value of a header. */
  public Optional<String> header(String lowerCaseName) {
    return headers.getOrDefault(lowerCaseName, List.of()).stream().findFirst();
  }

  /** Path and query as they stood on the wire. */
  public String target() {
    return query == null ? path : path + '?' + query;
  }

  /** The body as text. */
  public String bodyText() {
    return new String(body, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return method + ' ' + target();
  }
}
