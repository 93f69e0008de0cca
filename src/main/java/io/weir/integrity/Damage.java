package io.weir.integrity;

import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.store.StoredContent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stored content that was not what it was any more, and was taken out of use.
 *
 * @param content what it should have been
 * @param origins the repositories in which upstream has shown it
 * @param reason what was wrong with it, in a few words
 * @param unmended why it has not been fetched anew; null where it has
 */
public record Damage(
    StoredContent content, List<Origin> origins, String reason, @Nullable String unmended) {

  /** Why most damage has not been fetched anew yet. */
  static final String NEXT_PULL = "the next pull fetches it";

  public Damage {
    origins = List.copyOf(origins);
  }

  /** What it should have hashed to. */
  public Digest digest() {
    return content.digest();
  }

  /** Whether it has been fetched anew. */
  public boolean isMended() {
    return unmended == null;
  }

  Damage mended() {
    return new Damage(content, origins, reason, null);
  }

  Damage unmended(String why) {
    return new Damage(content, origins, reason, why);
  }
}
