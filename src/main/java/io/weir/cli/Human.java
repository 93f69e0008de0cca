package io.weir.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** Numbers as people read them. */
final class Human {

  private static final String UNITS = "KMGTPE";
  private static final int SHOWN_MAX = 3;

  private Human() {}

  /** Two or three digits and a unit, such as {@code 512}, {@code 1.2Gi} or {@code 345Mi}. */
  static String size(long bytes) {
    if (bytes < 1024) {
      return Long.toString(bytes);
    }
    int unit = -1;
    double amount = bytes;
    // What would be shown as 1024 of a unit is 1 of the next.
    while (amount >= 1023.5 && unit < UNITS.length() - 1) {
      amount /= 1024;
      unit++;
    }
    String number = String.format(Locale.ROOT, amount < 9.95 ? "%.1f" : "%.0f", amount);
    return number + UNITS.charAt(unit) + 'i';
  }

  /** The largest unit that fits, such as {@code 5m}, {@code 3h} or {@code 12d}. */
  static String duration(Duration duration) {
    if (duration.toDays() > 0) {
      return duration.toDays() + "d";
    }
    if (duration.toHours() > 0) {
      return duration.toHours() + "h";
    }
    return duration.toMinutes() > 0
        ? duration.toMinutes() + "m"
        : Math.max(0, duration.toSeconds()) + "s";
  }

  /** How long ago something was, such as {@code 3h ago}. */
  static String ago(Instant then, Instant now) {
    return duration(Duration.between(then, now)) + " ago";
  }

  /** A number of things, such as {@code 1 image} or {@code 2 images}. */
  static String count(long number, String thing) {
    return String.format(Locale.ROOT, "%,d %s%s", number, thing, number == 1 ? "" : "s");
  }

  /** The name of an image; a digest is shortened, and further tags are only counted. */
  static String image(JsonNode image) {
    String reference = image.path("reference").asString();
    int tags = image.path("tags").size();
    int at = reference.indexOf('@');
    if (at >= 0) {
      return reference.substring(0, Math.min(reference.length(), reference.indexOf(':', at) + 13));
    }
    return tags > 1 ? reference + " +" + (tags - 1) : reference;
  }

  /** The first ones of a list, and how many more there are. */
  static String list(JsonNode texts) {
    StringBuilder list = new StringBuilder();
    for (int i = 0; i < texts.size() && i < SHOWN_MAX; i++) {
      list.append(i == 0 ? "" : ", ").append(texts.path(i).asString());
    }
    return texts.size() > SHOWN_MAX ? list + " +" + (texts.size() - SHOWN_MAX) : list.toString();
  }
}
