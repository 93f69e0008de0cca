package io.weir.registry;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.weir.oci.ErrorCode;
import io.weir.oci.OciException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The request target's query, decoded.
 *
 * @param rawPath the path in front of it, as it stands on the wire
 * @param parameters every parameter with its values
 */
record Query(String rawPath, Map<String, List<String>> parameters) {

  static Query parse(String uri) {
    int question = uri.indexOf('?');
    if (question < 0) {
      return new Query(uri, Map.of());
    }
    try {
      return new Query(
          uri.substring(0, question), new QueryStringDecoder(uri.substring(question)).parameters());
    } catch (IllegalArgumentException e) {
      throw new OciException(ErrorCode.NAME_INVALID, "the query is not well formed", e);
    }
  }

  /** All values of {@code ns}. */
  List<String> namespaces() {
    return parameters.getOrDefault("ns", List.of());
  }

  /** The first value of {@code name}, or null. */
  @Nullable String first(String name) {
    List<String> values = parameters.get(name);
    return values == null || values.isEmpty() ? null : values.getFirst();
  }
}
