package io.weir.admin;

import io.weir.integrity.Scrub;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Long work: begun, followed, cancelled. */
final class JobRoutes {

  private static final String PATH = "/api/v1/jobs";
  private static final int WAIT_SECONDS_MAX = 30;

  private final Rooms rooms;
  private final Jobs jobs;

  /** What a client sends for {@code gc}. */
  record NewGc(Optional<Boolean> dryRun) {}

  /** What a client sends for {@code scrub}. */
  record NewScrub(Optional<Boolean> repair, Optional<Long> bytesPerSecond) {}

  /** What is remembered, the newest first. */
  record JobList(List<Job.View> jobs) {}

  JobRoutes(Rooms rooms, Jobs jobs) {
    this.rooms = rooms;
    this.jobs = jobs;
  }

  List<Route> routes() {
    return List.of(
        Route.get(PATH, _ -> Reply.ok(new JobList(jobs.all().stream().map(Job::view).toList()))),
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
      default -> throw new Refusal(400, "the member kind has to be gc or scrub");
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
