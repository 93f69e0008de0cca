package io.weir.admin;

import io.weir.integrity.Scrub;
import io.weir.oci.Platform;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Long work: begun, followed, cancelled. */
final class JobRoutes {

  private static final String PATH = "/api/v1/jobs";
  private static final int WAIT_SECONDS_MAX = 30;

  /** More take several jobs; so one that is remembered stays small. */
  private static final int WARM_IMAGES_MAX = 1000;

  /** More than there are. */
  private static final int WARM_PLATFORMS_MAX = 50;

  private final Rooms rooms;
  private final Jobs jobs;

  /** What a client sends for {@code gc}. */
  record NewGc(Optional<Boolean> dryRun) {}

  /** What a client sends for {@code scrub}. */
  record NewScrub(Optional<Boolean> repair, Optional<Long> bytesPerSecond) {}

  /** What a client sends for {@code warm}. */
  record NewWarm(Optional<List<String>> images, Optional<List<String>> platforms) {}

  JobRoutes(Rooms rooms, Jobs jobs) {
    this.rooms = rooms;
    this.jobs = jobs;
  }

  List<Route> routes() {
    return List.of(
        Route.get(PATH, _ -> Reply.ok(JobList.of(jobs))),
        Route.post(PATH, this::start),
        Route.get(PATH + "/{id}", this::show, "wait"),
        Route.delete(PATH + "/{id}", this::cancel));
  }

  private Reply start(Request request) {
    JsonNode object = request.object();
    String kind = object.path("kind").asString("");
    JsonNode options = ((ObjectNode) object.deepCopy()).without("kind");
    Job job = jobs.start(kind, operation(kind, options));
    return Reply.accepted(job.path(), job.view());
  }

  private Operation operation(String kind, JsonNode options) {
    return switch (kind) {
      case "gc" -> gc(Json.as(NewGc.class, options));
      case "scrub" -> scrub(Json.as(NewScrub.class, options));
      case "warm" -> warm(Json.as(NewWarm.class, options));
      default -> throw new Refusal(400, "the member kind has to be gc, scrub or warm");
    };
  }

  private Operation gc(NewGc options) {
    boolean dryRun = options.dryRun().orElse(false);
    return () -> Evicted.of(rooms.space().retention().collect(dryRun), dryRun, rooms.clock());
  }

  private Operation scrub(NewScrub options) {
    OptionalLong bandwidth =
        options.bytesPerSecond().stream().mapToLong(Long::longValue).findFirst();
    if (bandwidth.orElse(1) < 1) {
      throw new Refusal(400, "bytesPerSecond has to be 1 or more");
    }
    return new ScrubOperation(
        rooms.scrub(), new Scrub.Options(options.repair().orElse(false), bandwidth));
  }

  private Operation warm(NewWarm options) {
    List<String> images = options.images().orElse(List.of());
    if (images.isEmpty()
        || images.size() > WARM_IMAGES_MAX
        || images.stream().anyMatch(JobRoutes::isNone)) {
      throw new Refusal(
          400,
          "images has to be names of 1 to %d images, such as docker.io/library/nginx:1.27"
              .formatted(WARM_IMAGES_MAX));
    }
    List<String> platforms = options.platforms().orElse(List.of());
    if (platforms.size() > WARM_PLATFORMS_MAX
        || platforms.stream().anyMatch(name -> isNone(name) || !Platform.isName(name))) {
      throw new Refusal(
          400,
          "platforms has to be %d at most of the form OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT, such as linux/arm64"
              .formatted(WARM_PLATFORMS_MAX));
    }
    return new WarmOperation(rooms.warmer(), images, platforms);
  }

  /** An array of JSON may hold null, whatever its type says. */
  private static boolean isNone(@Nullable String text) {
    return text == null;
  }

  private Reply show(Request request) throws InterruptedException {
    Duration wait = request.query().seconds("wait", WAIT_SECONDS_MAX);
    Job job = find(request);
    job.await(wait);
    return Reply.ok(job.view());
  }

  private Reply cancel(Request request) {
    Job job = find(request);
    job.cancel();
    return Reply.accepted(job.path(), job.view());
  }

  private Job find(Request request) {
    return jobs.find(request.variable("id"))
        .orElseThrow(() -> new Refusal(404, "there is no such job; the last hundred are listed"));
  }
}
