package io.weir.store;

import java.util.List;
import java.util.Optional;

/**
 * A part of a list of images.
 *
 * @param images in the order of upstream and repository
 * @param next where the next part begins; empty where there is none
 */
public record ImagePage(List<StoredImage> images, Optional<String> next) {

  public ImagePage {
    images = List.copyOf(images);
  }
}
