package io.weir.registry;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.weir.cache.BlobAnswer;
import io.weir.cache.BlobHead;
import io.weir.cache.Cache;
import io.weir.cache.CacheStatus;
import io.weir.cache.GrowingBlob;
import io.weir.cache.Passage;
import io.weir.oci.Digest;
import io.weir.oci.MediaType;
import io.weir.store.SharedFile;
import io.weir.store.StorageException;
import io.weir.store.StoredBlob;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/**
 * Blobs, whole or in part: from a file that is whole, from one that grows, or past the disk. Called
 * on event loops.
 */
final class BlobEndpoint {

  private final Cache cache;

  BlobEndpoint(Cache cache) {
    this.cache = cache;
  }

  void answer(Exchange exchange, Target.Blob target) {
    ByteRange range = ByteRange.parse(exchange.header(HttpHeaderNames.RANGE));
    if (!Validators.isRangeCurrent(exchange, target.digest())) {
      range = null;
    }
    StoredBlob recalled = cache.recallBlob(target.origin(), target.digest());
    if (recalled != null) {
      sendStored(exchange, target, range, recalled, CacheStatus.HIT);
    } else {
      ask(exchange, target, range);
    }
  }

  private void ask(Exchange exchange, Target.Blob target, @Nullable ByteRange range) {
    exchange.offLoop(() -> {
      if (exchange.isHead()) {
        BlobHead head = cache.blobHead(target.origin(), target.digest());
        return () -> sendHead(exchange, target.digest(), head);
      }
      BlobAnswer answer = nearest(cache.blob(target.origin(), target.digest()), range);
      return () -> send(exchange, target, range, answer);
    });
  }

  /** What is far ahead in a blob that is arriving does not wait for all that is before it. */
  private static BlobAnswer nearest(BlobAnswer answer, @Nullable ByteRange range) {
    if (range == null || !(answer instanceof BlobAnswer.Growing growing)) {
      return answer;
    }
    GrowingBlob blob = growing.blob();
    long sizeBytes = blob.sizeBytes();
    if (sizeBytes <= 0 || !range.isSatisfiable(sizeBytes)) {
      return answer;
    }
    ByteRange.Slice slice = range.within(sizeBytes);
    GrowingBlob ahead = blob.ahead(slice.from(), slice.to(), range.isRest());
    return ahead == null ? answer : new BlobAnswer.Growing(ahead, growing.status());
  }

  private static void sendHead(Exchange exchange, Digest digest, BlobHead head) {
    exchange.status(head.status());
    HttpResponse response = exchange.head(HttpResponseStatus.OK);
    describe(response.headers(), digest);
    if (head.sizeBytes() >= 0) {
      HttpUtil.setContentLength(response, head.sizeBytes());
    }
    exchange.sendEmpty(response);
  }

  private void send(
      Exchange exchange, Target.Blob target, @Nullable ByteRange range, BlobAnswer answer) {
    switch (answer) {
      case BlobAnswer.Stored stored ->
          sendStored(exchange, target, range, stored.blob(), stored.status());
      case BlobAnswer.Growing growing -> {
        exchange.status(growing.status());
        sendGrowing(exchange, target, range, growing.blob());
      }
      case BlobAnswer.Passing passing -> {
        exchange.status(passing.status());
        askForPassage(exchange, target, range);
      }
    }
  }

  // From a file that is whole.

  private void sendStored(
      Exchange exchange,
      Target.Blob target,
      @Nullable ByteRange range,
      StoredBlob blob,
      CacheStatus status) {
    exchange.status(status);
    if (Validators.isNotModified(exchange, target.digest())) {
      Validators.sendNotModified(exchange, target.digest());
      return;
    }
    Part part = Part.of(exchange, target.digest(), range, blob.sizeBytes());
    if (exchange.isHead()) {
      exchange.sendEmpty(part.head());
      return;
    }
    SharedFile file;
    try {
      file = blob.open();
    } catch (NoSuchFileException e) {
      ask(exchange, target, range); // it was evicted since the look at the disk
      return;
    } catch (IOException e) {
      throw new StorageException("the stored blob cannot be opened", e);
    }
    exchange.begin(part.head());
    BlobBody.sendStored(exchange, file, part.from(), part.to());
    cache.pulled(target.origin(), target.digest());
  }

  // From a file that grows.

  private void sendGrowing(
      Exchange exchange, Target.Blob target, @Nullable ByteRange range, GrowingBlob blob) {
    boolean isUnsized = blob.sizeBytes() < 0 && needsLength(exchange, range);
    if (isUnsized || blob.sizeBytes() == 0) {
      // Only the end tells how long it is; and an empty answer is complete with its head.
      blob.onProgress(
          Long.MAX_VALUE,
          () ->
              exchange
                  .context()
                  .executor()
                  .execute(() -> sendEnded(exchange, target, range, blob)));
    } else {
      begin(exchange, target, range, blob);
    }
  }

  /** Whether the answer has to say how long the blob is. */
  private static boolean needsLength(Exchange exchange, @Nullable ByteRange range) {
    return range != null || exchange.request().protocolVersion().equals(HttpVersion.HTTP_1_0);
  }

  private void sendEnded(
      Exchange exchange, Target.Blob target, @Nullable ByteRange range, GrowingBlob blob) {
    switch (blob.progress().stage()) {
      case WHOLE -> begin(exchange, target, range, blob);
      case SPILLED -> {
        blob.close();
        askForPassage(exchange, target, range);
      }
      case ARRIVING, FAILED -> BlobBody.fail(exchange, blob);
    }
  }

  private void begin(
      Exchange exchange, Target.Blob target, @Nullable ByteRange range, GrowingBlob blob) {
    Part part;
    try {
      part = Part.of(exchange, target.digest(), range, blob.sizeBytes());
    } catch (ByteRange.UnsatisfiableException e) {
      blob.close();
      throw e;
    }
    BlobBody.sendGrowing(exchange, part.head(), blob, part.from(), part.to());
    cache.pulled(target.origin(), target.digest());
  }

  // Past the disk.

  private void askForPassage(Exchange exchange, Target.Blob target, @Nullable ByteRange range) {
    exchange.offLoop(() -> {
      Passage passage =
          cache.passage(
              target.origin(),
              target.digest(),
              firstByte(target, range),
              needsLength(exchange, range));
      return () -> sendPassing(exchange, target, range, passage);
    });
  }

  /** Where the answer begins, as far as that can be known. Blocks. */
  private long firstByte(Target.Blob target, @Nullable ByteRange range) {
    if (range == null || range.first() >= 0) {
      return range == null ? 0 : range.first();
    }
    long sizeBytes = cache.blobHead(target.origin(), target.digest()).sizeBytes();
    return sizeBytes < 0 ? 0 : range.within(sizeBytes).from();
  }

  private static void sendPassing(
      Exchange exchange, Target.Blob target, @Nullable ByteRange range, Passage passage) {
    Part part;
    try {
      part = Part.of(exchange, target.digest(), range, passage.sizeBytes());
    } catch (ByteRange.UnsatisfiableException e) {
      passage.close();
      throw e;
    }
    exchange.begin(part.head());
    // The end of the whole is where the passage has verified it, not where its length says.
    PassingBody.send(exchange, passage, part.from(), range == null ? Long.MAX_VALUE : part.to());
  }

  // What all have in common.

  /**
   * The bytes of an answer, and its head.
   *
   * @param from the first byte's offset
   * @param to one past the last byte's, or {@link Long#MAX_VALUE} for all there will be
   */
  private record Part(HttpResponse head, long from, long to) {

    /**
     * What answers {@code range}.
     *
     * @param range null for the whole
     * @param sizeBytes the blob's length; −1, for the whole only, sends it in chunks
     */
    static Part of(Exchange exchange, Digest digest, @Nullable ByteRange range, long sizeBytes) {
      HttpResponse head =
          exchange.head(range == null ? HttpResponseStatus.OK : HttpResponseStatus.PARTIAL_CONTENT);
      describe(head.headers(), digest);
      if (sizeBytes < 0) {
        HttpUtil.setTransferEncodingChunked(head, true);
        return new Part(head, 0, Long.MAX_VALUE);
      }
      ByteRange.Slice slice =
          range == null ? new ByteRange.Slice(0, sizeBytes) : range.within(sizeBytes);
      HttpUtil.setContentLength(head, slice.to() - slice.from());
      if (range != null) {
        head.headers()
            .set(
                HttpHeaderNames.CONTENT_RANGE,
                "bytes %d-%d/%d".formatted(slice.from(), slice.to() - 1, sizeBytes));
      }
      return new Part(head, slice.from(), slice.to());
    }
  }

  private static void describe(HttpHeaders headers, Digest digest) {
    Validators.identify(headers, digest);
    headers.set(HttpHeaderNames.CONTENT_TYPE, MediaType.OCTET_STREAM);
    headers.set(HttpHeaderNames.ACCEPT_RANGES, HttpHeaderValues.BYTES);
  }
}
