package io.weir.admin;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is on its way. */
final class TransferRoutes {

  /** So that the document stays small, whatever goes on. */
  private static final int LISTED_MAX = 1000;

  /** Of so many fetches it is said which images they are for: that asks the index for each. */
  private static final int EXPLAINED_MAX = 50;

  private static final int IMAGES_MAX = 3;

  private final Rooms rooms;

  /**
   * See {@link Traffic.Fetch}.
   *
   * @param images that need it, the first ones; empty where that is not known
   */
  record Fetch(
      String upstream,
      String repository,
      String digest,
      List<String> images,
      Optional<Long> sizeBytes,
      long receivedBytes,
      int clients,
      Instant started,
      boolean ahead) {

    static Fetch of(Traffic.Fetch fetch, List<String> images) {
      return new Fetch(
          fetch.upstream(),
          fetch.repository(),
          fetch.digest().toString(),
          images,
          fetch.sizeBytes(),
          fetch.receivedBytes(),
          fetch.clients(),
          fetch.started(),
          fetch.ahead());
    }
  }

  /**
   * All of it.
   *
   * @param fetches from upstreams to the store; a thousand at most
   * @param fetchCount how many there are
   * @param answers to clients; a thousand at most
   * @param answerCount how many there are
   */
  record Transfers(
      List<Fetch> fetches, long fetchCount, List<Traffic.Answer> answers, long answerCount) {

    boolean areNone() {
      return fetchCount + answerCount == 0;
    }
  }

  TransferRoutes(Rooms rooms) {
    this.rooms = rooms;
  }

  List<Route> routes() {
    return List.of(Route.get("/api/v1/transfers", _ -> Reply.ok(all())));
  }

  Transfers all() {
    List<Traffic.Fetch> fetches = rooms.traffic().fetches();
    List<Traffic.Answer> answers = rooms.traffic().answers();
    List<Fetch> listed = new ArrayList<>();
    for (Traffic.Fetch fetch : fetches.subList(0, Math.min(LISTED_MAX, fetches.size()))) {
      listed.add(Fetch.of(fetch, listed.size() < EXPLAINED_MAX ? images(fetch) : List.of()));
    }
    return new Transfers(
        listed, fetches.size(), answers.stream().limit(LISTED_MAX).toList(), answers.size());
  }

  private List<String> images(Traffic.Fetch fetch) {
    return rooms.store().inventory().imagesNeeding(fetch.digest(), IMAGES_MAX).stream()
        .map(image -> ImageName.of(image.origin(), image.tags(), image.digest()))
        .toList();
  }
}
