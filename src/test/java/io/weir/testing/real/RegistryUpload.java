package io.weir.testing.real;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;

/**
 * Pushes images into any registry by the upload API of the distribution specification: POST, then
 * one PUT, for blobs, PUT for manifests.
 *
 * @param base such as {@code http://127.0.0.1:5000}
 * @param authorization the value of the header, where the registry wants one
 */
public record RegistryUpload(HttpClient client, URI base, Optional<String> authorization) {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Uploads without credentials. */
  public static RegistryUpload to(HttpClient client, URI base) {
    return new RegistryUpload(client, base, Optional.empty());
  }

  /** The header value for a user and a password. */
  static String basic(String user, String password) {
    byte[] pair = (user + ':' + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  /**
   * Pushes all blobs and manifests of the image, the last under the tag.
   *
   * @throws AssertionError if the registry refuses something
   */
  public void push(TestImage image, String repository, String tag) {
    image.blobs().forEach(blob -> push(blob, repository));
    for (Blob manifest : image.manifests()) {
      boolean isTop = manifest.digest().equals(image.digest());
      putManifest(manifest, repository, isTop ? tag : manifest.digest().toString());
    }
  }

  /** Pushes one blob. It is streamed. */
  public void push(Blob blob, String repository) {
    HttpResponse<String> session =
        send(
            request(base.resolve("/v2/" + repository + "/blobs/uploads/"))
                .POST(HttpRequest.BodyPublishers.noBody()),
            202);
    URI location = base.resolve(session.headers().firstValue("Location").orElseThrow());
    String separator = location.getRawQuery() == null ? "?" : "&";
    send(
        request(URI.create(location + separator + "digest=" + blob.digest()))
            .header("Content-Type", "application/octet-stream")
            .PUT(body(blob)),
        201);
  }

  private void putManifest(Blob manifest, String repository, String reference) {
    send(
        request(base.resolve("/v2/" + repository + "/manifests/" + reference))
            .header("Content-Type", manifest.mediaType())
            .PUT(body(manifest)),
        201);
  }

  private static HttpRequest.BodyPublisher body(Blob blob) {
    return HttpRequest.BodyPublishers.fromPublisher(
        HttpRequest.BodyPublishers.ofInputStream(() -> open(blob)), blob.sizeBytes());
  }

  private static InputStream open(Blob blob) {
    try {
      return blob.source().open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private HttpRequest.Builder request(URI uri) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(uri).timeout(LIMIT).header("User-Agent", AccessLog.OWN_AGENT);
    authorization.ifPresent(value -> builder.header("Authorization", value));
    return builder;
  }

  private HttpResponse<String> send(HttpRequest.Builder builder, int expectedStatus) {
    HttpRequest request = builder.build();
    try {
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != expectedStatus) {
        throw new AssertionError(
            "%s: %d instead of %d: %s"
                .formatted(request, response.statusCode(), expectedStatus, response.body()));
      }
      return response;
    } catch (IOException e) {
      throw new UncheckedIOException(request.toString(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted: " + request, e);
    }
  }
}
