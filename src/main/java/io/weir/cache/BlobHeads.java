package io.weir.cache;

import io.weir.metrics.Kind;
import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.upstream.RemoteBlob;
import io.weir.upstream.RemoteHead;
import io.weir.upstream.Upstream;
import java.util.function.Function;

/** Asks upstreams whether they have a blob, without fetching it. Thread-safe; blocks. */
final class BlobHeads {

  private final Function<Origin, Upstream> upstreams;
  private final Links links;
  private final Flights flights;
  private final FailureMemory failures;

  BlobHeads(
      Function<Origin, Upstream> upstreams, Links links, Flights flights, FailureMemory failures) {
    this.upstreams = upstreams;
    this.links = links;
    this.flights = flights;
    this.failures = failures;
  }

  /**
   * The blob's head, asked for once by all who ask at the same time, and not asked for where that
   * failed a moment ago. The repository is then known to have the blob.
   *
   * @throws io.weir.upstream.UpstreamException where upstream does not show it
   */
  RemoteHead ask(Origin origin, Digest digest) {
    Question question = new Question(Kind.BLOB, origin, digest.toString());
    return flights
        .fly(question, () -> failures.recalling(question, () -> askAlone(origin, digest)))
        .value();
  }

  /** As {@link #ask}, for this caller only and now. */
  RemoteHead askAlone(Origin origin, Digest digest) {
    Upstream upstream = upstreams.apply(origin);
    RemoteHead head = upstream.headBlob(origin.repository(), digest);
    if (head.sizeBytes() < 0) {
      // HEAD refused, or without a length: the beginning of a GET says the same.
      try (RemoteBlob body = upstream.openBlob(origin.repository(), digest, 0, -1)) {
        head = new RemoteHead(digest, body.sizeBytes(), head.contentType());
      }
    }
    links.add(origin, digest);
    return head;
  }
}
