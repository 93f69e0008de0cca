package io.weir.admin;

import io.weir.oci.Digest;
import io.weir.warm.WarmProgress;
import io.weir.warm.Warmed;
import io.weir.warm.Warmer;
import java.util.List;
import java.util.Optional;

/** Fetches images ahead of need. It is done also where some of them cannot be had. */
final class WarmOperation implements Operation {

  private final Warmer warmer;
  private final List<String> images;
  private final List<String> platforms;
  private final WarmProgress progress = new WarmProgress();

  /**
   * What came of it.
   *
   * @param images in the order in which they were asked for
   * @param failed how many of them have an error
   */
  record Result(List<Image> images, long failed) {}

  /** One of them; see {@link Warmed}. */
  record Image(
      String reference, Optional<String> digest, long blobs, long bytes, Optional<String> error) {

    static Image of(Warmed warmed) {
      return new Image(
          warmed.reference(),
          warmed.digest().map(Digest::toString),
          warmed.blobs(),
          warmed.bytes(),
          warmed.error());
    }
  }

  WarmOperation(Warmer warmer, List<String> images, List<String> platforms) {
    this.warmer = warmer;
    this.images = List.copyOf(images);
    this.platforms = List.copyOf(platforms);
  }

  @Override
  public Result run() {
    List<Image> done = warmer.run(images, platforms, progress).stream().map(Image::of).toList();
    return new Result(done, done.stream().filter(image -> image.error().isPresent()).count());
  }

  @Override
  public Progress progress() {
    return new Progress(progress.bytes(), progress.totalBytes(), "bytes");
  }

  @Override
  public void cancel() {
    progress.cancel();
  }
}
