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
   * @param count how many they are
   * @param failed how many of them have an error
   */
  record Result(List<Image> images, long count, long failed) implements Outcome {

    /** All of it but the images. */
    record Summary(long count, long failed) {}

    @Override
    public Summary summary() {
      return new Summary(count, failed);
    }
  }

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
    return new Result(
        done, done.size(), done.stream().filter(image -> image.error().isPresent()).count());
  }

  @Override
  public Progress progress() {
    boolean isGrowing = !progress.isTotalKnown(); // before the total is read
    return new Progress(progress.bytes(), progress.totalBytes(), "bytes", isGrowing);
  }

  @Override
  public void cancel() {
    progress.cancel();
  }
}
