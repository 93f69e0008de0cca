package io.weir.admin;

import io.weir.oci.ImagePattern;
import io.weir.oci.Tag;
import io.weir.retention.Pins;
import io.weir.store.Candidate;
import io.weir.store.ImagePage;
import io.weir.store.StoredImage;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What is stored, image by image, and how it leaves when somebody wants it to. */
final class ImageRoutes {

  private static final String PATH = "/api/v1/images";
  private static final int PAGE_STANDARD = 100;
  private static final int PAGE_MAX = 1000;

  private final Rooms rooms;
  private final Pins pins;
  private final Platforms platforms;

  /** An image as it is listed; see {@link StoredImage}. */
  record Image(
      String reference,
      String upstream,
      String repository,
      List<String> tags,
      String digest,
      Optional<String> mediaType,
      List<String> platforms,
      long sizeBytes,
      long blobs,
      long missing,
      Instant storedAt,
      Instant lastPull,
      boolean pinned) {}

  /** A part of the list; {@code next} is for {@code from}. */
  record Page(List<Image> images, Optional<String> next) {}

  ImageRoutes(Rooms rooms) {
    this.rooms = rooms;
    this.pins = rooms.space().retention().pins();
    this.platforms = new Platforms(rooms.store().blobs());
  }

  List<Route> routes() {
    return List.of(
        Route.get(PATH, this::list, "upstream", "repository", "pattern", "limit", "from"),
        Route.delete(PATH + "/{pattern...}", this::evict, "dryRun"));
  }

  private Reply list(Request request) {
    Query query = request.query();
    Optional<ImagePattern> pattern = query.text("pattern").map(Request::pattern);
    Optional<String> repository = query.text("repository");
    Predicate<Candidate> filter =
        image ->
            repository.map(image.origin().repository().name()::equals).orElse(true)
                && pattern
                    .map(some -> some.matches(image.origin(), image.digest(), image.tags()))
                    .orElse(true);
    int limit = query.number("limit", PAGE_STANDARD, PAGE_MAX);
    ImagePage page = page(query, filter, limit);
    Page document = new Page(page.images().stream().map(this::image).toList(), page.next());
    return page.next()
        .map(next -> new Reply(200, Map.of("Link", link(query, next)), document))
        .orElseGet(() -> Reply.ok(document));
  }

  private ImagePage page(Query query, Predicate<Candidate> filter, int limit) {
    try {
      return rooms
          .store()
          .inventory()
          .images(
              query.text("upstream").orElse(null), filter, query.text("from").orElse(null), limit);
    } catch (IllegalArgumentException _) {
      throw new Refusal(400, "from has to be what an earlier page gave as next");
    }
  }

  private Image image(StoredImage image) {
    return new Image(
        ImageName.of(image.origin(), image.tags(), image.digest()),
        image.origin().upstream(),
        image.origin().repository().name(),
        image.tags().stream().map(Tag::name).toList(),
        image.digest().toString(),
        image.mediaType(),
        platforms.of(image),
        image.sizeBytes(),
        image.blobs(),
        image.missing(),
        image.storedAt(),
        rooms.clock().instant().minus(image.idle()).truncatedTo(ChronoUnit.SECONDS),
        pins.isPinned(image.origin(), image.digest(), image.tags()));
  }

  /** The next page's address, as RFC 8288 writes it. */
  private static String link(Query query, String next) {
    Map<String, String> parameters = new LinkedHashMap<>(query.parameters());
    parameters.put("from", next);
    return parameters.entrySet().stream()
        .map(parameter -> parameter.getKey() + "=" + encode(parameter.getValue()))
        .collect(Collectors.joining("&", "<" + PATH + "?", ">; rel=\"next\""));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private Reply evict(Request request) throws IOException {
    boolean dryRun = request.query().flag("dryRun");
    return Reply.ok(
        Evicted.of(
            rooms.space().retention().evict(List.of(request.pattern()), dryRun),
            dryRun,
            rooms.clock()));
  }
}
