package io.weir.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.weir.testing.Http;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A client of the API that holds each answer to the API's own description: the status must be
 * described, and the body valid by the schema that stands there, with no member that does not.
 */
final class ApiClient {

  static final JsonMapper JSON = JsonMapper.shared();

  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private static final JsonNode DESCRIPTION = description();

  private final int port;

  /**
   * An answer.
   *
   * @param headers by lower-case name
   * @param body an empty object where there is none
   */
  record Answer(int status, Map<String, String> headers, JsonNode body) {

    /** A header, or an empty string. */
    String header(String name) {
      return headers.getOrDefault(name, "");
    }

    String text(String pointer) {
      return body.at(pointer).asString();
    }
  }

  ApiClient(int port) {
    this.port = port;
  }

  private static JsonNode description() {
    try {
      JsonNode description = Description.read();
      for (JsonNode schema : description.at("/components/schemas")) {
        if (schema.has("properties")) {
          ((ObjectNode) schema).put("additionalProperties", false);
        }
      }
      return description;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Answer get(String path, String... headers) throws IOException {
    return send("GET", path, "", headers);
  }

  Answer delete(String path, String... headers) throws IOException {
    return send("DELETE", path, "", headers);
  }

  Answer post(String path, String json) throws IOException {
    return send("POST", path, json, "Content-Type: application/json");
  }

  Answer send(String method, String path, String body, String... headers) throws IOException {
    List<String> lines = new ArrayList<>(Arrays.asList(headers));
    if (lines.stream().noneMatch(line -> line.toLowerCase(Locale.ROOT).startsWith("host:"))) {
      lines.add("Host: 127.0.0.1:" + port);
    }
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > 0) {
      lines.add("Content-Length: " + bytes.length);
    }
    String request =
        "%s %s HTTP/1.1\r\n%s\r\nConnection: close\r\n\r\n%s"
            .formatted(
                method,
                path,
                String.join("\r\n", lines),
                new String(bytes, StandardCharsets.ISO_8859_1));
    Http.Answer answer = Http.raw(port, request);
    JsonNode document =
        answer.body().length == 0 ? JSON.createObjectNode() : JSON.readTree(answer.body());
    check(method, path, answer, document);
    return new Answer(answer.status(), answer.headers(), document);
  }

  private static void check(String method, String path, Http.Answer answer, JsonNode document) {
    JsonNode operation = operation(method, path);
    JsonNode responses = operation.path("responses");
    String status = Integer.toString(answer.status());
    JsonNode response = responses.has(status) ? responses.path(status) : responses.path("default");
    if (response.isMissingNode()) {
      // No such operation: then it is a problem, as everywhere.
      response = JSON.createObjectNode().put("$ref", "#/components/responses/Problem");
    }
    if (response.has("$ref")) {
      response = DESCRIPTION.at(response.path("$ref").asString().substring(1));
      assertThat(answer.status()).as(answer.text()).isGreaterThanOrEqualTo(400);
    }
    JsonNode content = response.path("content");
    if (content.isMissingNode()) {
      assertThat(answer.body()).isEmpty();
      return;
    }
    String type = answer.header("Content-Type");
    assertThat(content.propertyNames()).as("%s %s: %s", method, path, status).contains(type);
    ObjectNode schema = (ObjectNode) content.path(type).path("schema").deepCopy();
    schema.set("components", DESCRIPTION.path("components"));
    assertThat(
            SCHEMAS
                .getSchema(schema)
                .validate(
                    document,
                    context -> context.executionConfig(how -> how.formatAssertionsEnabled(true))))
        .as("%s %s: %s", method, path, answer.text())
        .isEmpty();
  }

  private static JsonNode operation(String method, String path) {
    String raw = path.split("\\?", 2)[0];
    for (Map.Entry<String, JsonNode> described : DESCRIPTION.path("paths").properties()) {
      String template =
          described.getKey().replace("{pattern}", "{pattern...}").replace("{image}", "{image...}");
      Route route = Route.get(template, _ -> Reply.noContent());
      if (matches(route, raw)) {
        return described.getValue().path(method.toLowerCase(Locale.ROOT));
      }
    }
    return JSON.missingNode();
  }

  private static boolean matches(Route route, String path) {
    try {
      return route.match(path).isPresent();
    } catch (Refusal _) {
      return true;
    }
  }
}
