package io.weir.store;

import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.oci.Tag;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A stored image and all that it is made of.
 *
 * @param image as it is listed
 * @param pieces itself first, then what it needs, each piece once, in the order of its manifests
 */
public record ImageContent(StoredImage image, List<Piece> pieces) {

  public ImageContent {
    pieces = List.copyOf(pieces);
  }

  /** What a piece is to its image. */
  public enum Kind {
    INDEX,
    MANIFEST,
    CONFIG,
    /** Also the blob of an artifact. */
    LAYER;

    /** As the API names it. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A manifest or a blob.
   *
   * @param mediaType as the image states it; empty where it states none
   * @param platform which of the image's platforms it is for, where that is said
   * @param sizeBytes its length, as the image states it where it is not stored
   * @param sharers the first of the other images that need it; none where it is not stored
   * @param sharerCount how many these are
   */
  public record Piece(
      Digest digest,
      Kind kind,
      Optional<String> mediaType,
      Optional<String> platform,
      long sizeBytes,
      boolean isStored,
      List<Sharer> sharers,
      long sharerCount) {

    public Piece {
      sharers = List.copyOf(sharers);
    }
  }

  /** Another image that needs a piece. */
  public record Sharer(Origin origin, Digest digest, List<Tag> tags) {

    public Sharer {
      tags = List.copyOf(tags);
    }
  }

  /** What nothing else needs: so much is free when the image has left. */
  public long uniqueBytes() {
    return storedBytes(false);
  }

  /** What other images need, too. */
  public long sharedBytes() {
    return storedBytes(true);
  }

  private long storedBytes(boolean isShared) {
    return pieces.stream()
        .filter(piece -> piece.isStored() && (piece.sharerCount() > 0) == isShared)
        .mapToLong(Piece::sizeBytes)
        .sum();
  }
}
