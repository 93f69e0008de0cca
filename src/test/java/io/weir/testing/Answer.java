package io.weir.testing;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What is to be sent for a request, before faults. The body is {@code lengthBytes} of {@code
 * content} from {@code offset} on. Not changed after it was built.
 */
record Answer(
    int status,
    List<Map.Entry<String, String>> headers,
    Content content,
    long offset,
    long lengthBytes) {

  static Answer of(int status, String contentType, Content content) {
    return new Answer(status, List.of(), content, 0, content.sizeBytes())
        .with("Content-Type", contentType);
  }

  static Answer json(int status, String document) {
    return of(
        status,
        "application/json",
        new Content.InMemory(document.getBytes(StandardCharsets.UTF_8)));
  }

  static Answer error(int status, String code, String message) {
    return json(
        status, "{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"" + message + "\"}]}");
  }

  /** This answer with a header in place of those of the same name. */
  Answer with(String name, String value) {
    return withoutHeader(name).adding(name, value);
  }

  /** This answer with one more header line. */
  Answer adding(String name, String value) {
    List<Map.Entry<String, String>> changed = new ArrayList<>(headers);
    changed.add(Map.entry(name, value));
    return new Answer(status, List.copyOf(changed), content, offset, lengthBytes);
  }

  Answer withoutHeader(String name) {
    List<Map.Entry<String, String>> changed = new ArrayList<>(headers);
    changed.removeIf(header -> header.getKey().equalsIgnoreCase(name));
    return new Answer(status, List.copyOf(changed), content, offset, lengthBytes);
  }

  /** The part of this answer from {@code offset} to {@code last}, as 206. */
  Answer range(long from, long last) {
    return new Answer(206, headers, content, from, last - from + 1)
        .with("Content-Range", "bytes " + from + "-" + last + "/" + content.sizeBytes());
  }
}
