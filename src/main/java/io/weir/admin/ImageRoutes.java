package io.weir.admin;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.weir.oci.ImageReference;
import io.weir.oci.OciException;
import io.weir.oci.Origin;
import io.weir.oci.Repository;
import io.weir.oci.Tag;
import io.weir.retention.Pins;
import io.weir.store.ImageContent;
import io.weir.store.ImageFilter;
import io.weir.store.ImagePage;
import io.weir.store.StoredImage;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What is stored, image by image, and how it leaves when somebody wants it to. */
final class ImageRoutes {

  private static final String PATH = "/api/v1/images";
  private static final int PAGE_STANDARD = 100;
  private static final int PAGE_MAX = 1000;

  private final Rooms rooms;
  private final Pins pins;

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
  record Page(List<Image> images, long total, Optional<String> next) {}

  /** An image with what it is made of; see {@link ImageContent}. */
  record Detail(
      @JsonUnwrapped Image image, long uniqueBytes, long sharedBytes, List<Piece> content) {}

  /** A piece of it; see {@link ImageContent.Piece}. */
  record Piece(
      String digest,
      String kind,
      Optional<String> mediaType,
      Optional<String> platform,
      long sizeBytes,
      boolean stored,
      List<String> sharedBy,
      long sharedByCount) {

    static Piece of(ImageContent.Piece piece) {
      return new Piece(
          piece.digest().toString(),
          piece.kind().label(),
          piece.mediaType(),
          piece.platform(),
          piece.sizeBytes(),
          piece.isStored(),
          piece.sharers().stream()
              .map(other -> ImageName.of(other.origin(), other.tags(), other.digest()))
              .toList(),
          piece.sharerCount());
    }
  }

  ImageRoutes(Rooms rooms) {
    this.rooms = rooms;
    this.pins = rooms.space().retention().pins();
  }

  List<Route> routes() {
    return List.of(
        Route.get(PATH, this::list, "upstream", "repository", "pattern", "search", "limit", "from"),
        Route.get(PATH + "/{image...}", this::show),
        Route.delete(PATH + "/{image...}", this::evict, "dryRun"));
  }

  private Reply list(Request request) {
    Query query = request.query();
    ImageFilter filter =
        new ImageFilter(
            query.text("upstream"),
            query.text("repository"),
            words(query.text("search").orElse("")),
            query.text("pattern").map(Request::pattern));
    ImagePage page = page(query, filter, query.number("limit", PAGE_STANDARD, PAGE_MAX));
    Page document =
        new Page(page.images().stream().map(this::image).toList(), page.total(), page.next());
    return page.next()
        .map(next -> new Reply(200, Map.of("Link", link(query, next)), document))
        .orElseGet(() -> Reply.ok(document));
  }

  private static List<String> words(String search) {
    List<String> words =
        Arrays.stream(search.split("\\s+", -1)).filter(word -> !word.isEmpty()).distinct().toList();
    if (words.size() > ImageFilter.WORDS_MAX) {
      throw new Refusal(400, "search has to be %d words at most".formatted(ImageFilter.WORDS_MAX));
    }
    return words;
  }

  private ImagePage page(Query query, ImageFilter filter, int limit) {
    try {
      return rooms.store().inventory().images(filter, query.text("from").orElse(null), limit);
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
        image.platforms(),
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

  private Reply show(Request request) {
    String name = request.variable("image");
    ImageContent content =
        find(name)
            .orElseThrow(
                () -> new Refusal(404, name + " is not stored; GET " + PATH + " lists what is"));
    return Reply.ok(
        new Detail(
            image(content.image()),
            content.uniqueBytes(),
            content.sharedBytes(),
            content.pieces().stream().map(Piece::of).toList()));
  }

  private Optional<ImageContent> find(String name) {
    try {
      ImageReference wanted = ImageReference.parse(name);
      Origin origin = new Origin(wanted.upstream(), Repository.parse(wanted.repository()));
      return rooms.store().inventory().image(origin, wanted.reference());
    } catch (OciException e) {
      throw new Refusal(400, String.valueOf(e.getMessage()));
    }
  }

  private Reply evict(Request request) throws IOException {
    boolean dryRun = request.query().flag("dryRun");
    return Reply.ok(
        Evicted.of(
            rooms
                .space()
                .retention()
                .evict(List.of(Request.pattern(request.variable("image"))), dryRun),
            dryRun,
            rooms.clock()));
  }
}
