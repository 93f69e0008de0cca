package io.weir.admin;

import io.weir.oci.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What goes on at the moment. Thread-safe; does not block for long. */
public interface Traffic {

  /**
   * A blob on its way from upstream to the store.
   *
   * @param sizeBytes its length; empty while upstream has not said
   * @param clients how many wait for it or read it
   * @param ahead whether nobody has asked for it yet
   */
  record Fetch(
      String upstream,
      String repository,
      Digest digest,
      Optional<Long> sizeBytes,
      long receivedBytes,
      int clients,
      Instant started,
      boolean ahead) {}

  /**
   * A blob on its way to a client.
   *
   * @param id by which it is known from one look to the next
   * @param client where the request came from; empty where the connection has just gone
   * @param user who asked; empty for one who did not say
   * @param sizeBytes how much it will be; empty where nobody knows
   * @param outcome as the label of {@code weir_requests_total}
   */
  record Answer(
      long id,
      String upstream,
      String repository,
      String reference,
      Optional<String> client,
      Optional<String> user,
      Optional<Long> sizeBytes,
      long sentBytes,
      Instant started,
      String outcome) {}

  /** From upstreams to the store, the longest first. */
  List<Fetch> fetches();

  /** To clients, the longest first. */
  List<Answer> answers();
}
