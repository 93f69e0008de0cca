package io.weir.store;

import java.util.List;
import java.util.Optional;

/**
 * A part of a list of images.
 *
 * @param images in the order of upstream and repository
 * @param total how many the whole list has; was counted for its first part
 * @param next where the next part begins; empty where there is none
 */
public record ImagePage(List<StoredImage> images, long total, Optional<String> next) {

  static final ImagePage NONE = new ImagePage(List.of(), 0, Optional.empty());

  public ImagePage {
    images = List.copyOf(images);
  }
}
