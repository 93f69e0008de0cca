package io.weir;

import io.weir.testing.real.Blob;
import io.weir.testing.real.DockerRegistry;
import io.weir.testing.real.LoggedRequest;
import io.weir.testing.real.TestImage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What upstream is asked for an image, as {@code METHOD PATH}. */
final class Cost {

  private Cost() {}

  /** All that the registry was asked. */
  static List<String> asked(DockerRegistry registry) {
    return lines(registry.requests().stream());
  }

  /** What it was asked and has given; refusals, such as for a password, left out. */
  static List<String> given(DockerRegistry registry) {
    return lines(registry.requests().stream().filter(request -> request.status() < 400));
  }

  private static List<String> lines(Stream<LoggedRequest> requests) {
    return requests.map(request -> request.method() + " " + request.path()).toList();
  }

  /**
   * The least that an image can cost: its tag, every other manifest and every blob once, for all
   * its platforms.
   */
  static List<String> ofAllPlatforms(String repository, String tag, TestImage image) {
    return of(repository, tag, image, image.images().stream(), image.blobs());
  }

  /** As {@link #ofAllPlatforms}, where clients want it for this machine only. */
  static List<String> ofThisPlatform(String repository, String tag, TestImage image) {
    return of(repository, tag, image, Stream.of(image.here()), image.here().blobs());
  }

  private static List<String> of(
      String repository,
      String tag,
      TestImage image,
      Stream<TestImage> platforms,
      List<Blob> blobs) {
    String base = "GET /v2/" + repository;
    List<String> requests = new ArrayList<>();
    requests.add(base + "/manifests/" + tag);
    platforms
        .filter(platform -> !platform.equals(image))
        .forEach(platform -> requests.add(base + "/manifests/" + platform.digest()));
    blobs.forEach(blob -> requests.add(base + "/blobs/" + blob.digest()));
    return requests;
  }
}
