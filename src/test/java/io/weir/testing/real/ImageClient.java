package io.weir.testing.real;

import io.weir.oci.Digest;

/** A program that pulls images. Closing stops it, if it runs, and removes all that it stored. */
public interface ImageClient extends AutoCloseable {

  /**
   * What a client has after a pull, in its own words.
   *
   * @param digest of the manifest or index that the reference stands for
   * @param id of the config of the image for this machine
   */
  record Pulled(Digest digest, Digest id) {

    /** What a correct pull of the image gives on this machine. */
    public static Pulled of(TestImage image) {
      return new Pulled(image.digest(), image.here().id());
    }
  }

  /**
   * Pulls an image with all its layers, as it is used: registry first, as in {@code
   * docker.io/library/demo:v1}.
   *
   * @throws AssertionError if the program fails, with all that it printed
   */
  Pulled pull(String reference);

  /** Removes all that was pulled, so that the next pull transfers everything again. */
  void forgetAll();

  @Override
  void close();
}
