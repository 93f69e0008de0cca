package io.weir.store;

import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.Origin;
import io.weir.oci.Reference;
import io.weir.oci.Repository;
import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The index as those see it who look after the store: what is here, how much, how old, and how it
 * leaves. Pulls use {@link Index}. Thread-safe; blocks, unless it says otherwise.
 */
public interface Inventory {

  /**
   * Where a file belongs of which nothing is known: it came before an index was lost, say. No
   * request can name it. The next pull that needs the file claims it.
   */
  Origin UNCLAIMED = new Origin("-", Repository.parse("unclaimed"));

  /** All that is stored, as of the last write to the index. Does not block. */
  Usage usage();

  /**
   * What is stored by upstream, as of the last write to the index. What two upstreams share counts
   * for both. Does not block.
   */
  Map<String, Usage> usageByUpstream();

  /**
   * Images in the order of upstream and repository.
   *
   * @param filter which to list
   * @param from where an earlier part ended, of a list with the same filter; null for the beginning
   * @param max how many at most
   * @throws IllegalArgumentException where {@code from} is nothing that this gave
   */
  ImagePage images(ImageFilter filter, @Nullable String from, int max);

  /** An image with all that it is made of; empty where it is not stored. */
  Optional<ImageContent> image(Origin origin, Reference reference);

  /** Images that need something, whether or not that is stored; the first ones. */
  List<ImageContent.Sharer> imagesNeeding(Digest digest, int max);

  /**
   * Takes images out of the store. Runs {@code work} on the thread that writes the index, in one
   * transaction: writes wait meanwhile, pulls do not.
   *
   * @param dryRun whether everything is as before afterwards
   * @return what {@code work} gives
   * @throws IOException where the index cannot be used, or the disk fails; then nothing, or only
   *     files, may have gone
   */
  <T> T evict(boolean dryRun, Work<T> work) throws IOException;

  /** What is done with an {@link Eviction}. */
  @FunctionalInterface
  interface Work<T> {
    T with(Eviction eviction) throws IOException;
  }

  /** Calls {@code listener} with what has left, on the index thread, which it must not block. */
  void onRemoval(Consumer<Removed> listener);

  /** Calls {@code settled} when all changes queued so far are counted, or given up. */
  void afterPending(Runnable settled);

  /** What should be stored, by digest. */
  List<StoredContent> storedAfter(@Nullable Digest after, int max);

  /** What was stored once, is needed still, and is not there any more, by digest. */
  List<StoredContent> lostAfter(@Nullable Digest after, int max);

  /** Which of {@code digests} are not stored, as far as the index knows. */
  Set<Digest> unknown(Collection<Digest> digests);

  /** Repositories in which {@code digest} was shown. */
  List<Origin> origins(Digest digest);

  /** A file is there of which the index knew nothing. Does not block. */
  void adopt(Digest digest, long sizeBytes, Instant storedAt);

  /**
   * The same for a manifest. It belongs to a repository in which it was shown, where there is one.
   */
  void adopt(Digest digest, Manifest manifest, long sizeBytes, Instant storedAt);

  /** A file is gone, or was taken out of use. Does not block. */
  void lost(Digest digest);

  /** What was noted under {@code name}. */
  Optional<String> note(String name);

  /** Notes {@code text} for a later start, in place of an earlier note. Does not block. */
  void putNote(String name, String text);
}
