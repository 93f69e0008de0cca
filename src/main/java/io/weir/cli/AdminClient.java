package io.weir.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A running server's admin API. Each call blocks until it is answered, and fails with one line that
 * says what to do.
 */
final class AdminClient implements AutoCloseable {

  static final JsonMapper JSON = JsonMapper.shared();

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);

  private final URI server;
  private final Optional<String> token;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_LIMIT)
          .build();

  /**
   * A client that has asked nothing yet.
   *
   * @param server such as {@code http://127.0.0.1:5001}, without a path
   * @param token who may ask, where the server wants to know
   */
  AdminClient(URI server, Optional<String> token) {
    this.server = server;
    this.token = token;
  }

  /** {@code text} as a part of a path or of a query. */
  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  JsonNode get(String path) throws IOException {
    return send(path, request -> request.GET());
  }

  JsonNode delete(String path) throws IOException {
    return send(path, HttpRequest.Builder::DELETE);
  }

  JsonNode post(String path, JsonNode body) throws IOException {
    return send(
        path,
        request ->
            request
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString())));
  }

  private interface Method {
    HttpRequest.Builder of(HttpRequest.Builder request);
  }

  private JsonNode send(String path, Method method) throws IOException {
    HttpRequest.Builder request = method.of(HttpRequest.newBuilder(server.resolve(path)));
    token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
    HttpResponse<byte[]> response = exchange(request.build());
    JsonNode document = read(response);
    if (response.statusCode() == 401) {
      throw new IOException(
          token.isPresent()
              ? server + " does not take this token; it wants what stands in its admin.token-file"
              : server + " wants a token: name the file that holds it with --token-file");
    }
    if (response.statusCode() >= 400) {
      throw new IOException(document.path("detail").asString());
    }
    return document;
  }

  private HttpResponse<byte[]> exchange(HttpRequest request) throws IOException {
    try {
      return client.send(request, BodyHandlers.ofByteArray());
    } catch (ConnectException | HttpConnectTimeoutException e) {
      throw new IOException(
          "nothing answers at %s: is weir serve running? --admin names another address"
              .formatted(server),
          e);
    } catch (IOException e) {
      throw new IOException("%s did not answer: %s".formatted(server, e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private JsonNode read(HttpResponse<byte[]> response) throws IOException {
    String type = response.headers().firstValue("Content-Type").orElse("");
    boolean isError = response.statusCode() >= 400;
    try {
      if (response.statusCode() == 204) {
        return JSON.createObjectNode();
      }
      if (type.equals(isError ? "application/problem+json" : "application/json")) {
        return JSON.readTree(response.body());
      }
    } catch (JacksonException _) {
      // It is somebody else's.
    }
    throw new IOException(
        "what answers at %s is not Weir's admin listener (status %d): --admin names another address"
            .formatted(server, response.statusCode()));
  }

  @Override
  public void close() {
    client.close();
  }
}
