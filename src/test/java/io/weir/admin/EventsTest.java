package io.weir.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.admin.EventReader.Event;
import io.weir.oci.Digest;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** What goes on, as {@code /api/v1/events}, {@code transfers} and {@code history} tell it. */
@Timeout(60)
class EventsTest {

  private static final int MIB = 1 << 20;

  @TempDir private Path data;
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private WeirServer weir;
  private ApiClient api;

  @BeforeEach
  void start() throws IOException {
    weir = WeirServer.in(data.resolve("store")).upstream("hub", upstream.url()).start();
    api = new ApiClient(weir.adminPort());
  }

  private EventReader listen(String... headers) throws IOException {
    return new EventReader(weir.adminPort(), headers);
  }

  @Test
  void whoListensIsToldAtOnceHowThingsStand() throws IOException {
    try (EventReader events = listen()) {
      assertThat(events.status()).isEqualTo(200);
      assertThat(events.header("content-type")).isEqualTo("text/event-stream");
      assertThat(events.header("cache-control")).isEqualTo("no-store");
      Event hello = events.next();
      assertThat(hello.name()).isEqualTo("hello");
      assertThat(hello.data().path("version").asString()).isEqualTo("dev");
      assertThat(hello.data().path("started")).isEqualTo(status().path("started"));
      assertThat(events.next("status").data().at("/upstreams/0/name").asString()).isEqualTo("hub");
      assertThat(events.next("transfers").data().path("fetchCount").asInt()).isZero();
      assertThat(events.next("jobs").data().path("jobs")).isEmpty();
    }
  }

  private JsonNode status() throws IOException {
    return api.get("/api/v1/status").body();
  }

  @Test
  void aPullIsSeenOnItsWayUntilItHasEnded() throws Exception {
    Digest blob = upstream.putRandomBlob(8 * MIB, 1);
    CountDownLatch goesOn = new CountDownLatch(1);
    upstream.on("GET", ".*/blobs/.*").stallAfter(3 * MIB, goesOn);
    String path = "/v2/hub/team/app/blobs/" + blob;
    try (EventReader events = listen();
        Http.Stream client = Http.open(weir.port(), "GET", path);
        Http.Stream other = Http.open(weir.port(), "GET", path)) {
      JsonNode transfers = events.next("transfers").data();
      while (transfers.at("/fetches/0/receivedBytes").asLong() < 3 * MIB
          || transfers.path("answerCount").asInt() < 2) {
        transfers = events.next("transfers").data();
      }

      JsonNode fetch = transfers.at("/fetches/0");
      assertThat(fetch.path("upstream").asString()).isEqualTo("hub");
      assertThat(fetch.path("repository").asString()).isEqualTo("team/app");
      assertThat(fetch.path("digest").asString()).isEqualTo(blob.toString());
      assertThat(fetch.path("sizeBytes").asLong()).isEqualTo(8 * MIB);
      assertThat(fetch.path("receivedBytes").asLong()).isEqualTo(3 * MIB);
      assertThat(fetch.path("clients").asInt()).isEqualTo(2);
      assertThat(fetch.path("ahead").asBoolean()).isFalse();
      JsonNode answer = transfers.at("/answers/0");
      assertThat(answer.path("client").asString()).isEqualTo("127.0.0.1");
      assertThat(answer.path("reference").asString()).isEqualTo(blob.toString());
      assertThat(answer.path("sizeBytes").asLong()).isEqualTo(8 * MIB);
      assertThat(answer.path("sentBytes").asLong()).isGreaterThan(0).isLessThan(3 * MIB);
      assertThat(answer.path("outcome").asString()).isEqualTo("miss");
      assertThat(transfers.at("/answers/1/outcome").asString()).isEqualTo("collapsed");
      assertThat(api.get("/api/v1/transfers").body().at("/fetches/0/digest"))
          .isEqualTo(fetch.path("digest"));

      goesOn.countDown();
      assertThat(client.readToEnd()).hasSize(8 * MIB);
      assertThat(other.readToEnd()).hasSize(8 * MIB);
      transfers = events.next("transfers").data();
      while (transfers.path("answerCount").asInt() + transfers.path("fetchCount").asInt() > 0) {
        transfers = events.next("transfers").data();
      }
      assertThat(api.get("/api/v1/transfers").body().path("answers")).isEmpty();
    }
  }

  @Test
  void aFetchSaysWhichImageItIsFor() throws Exception {
    byte[] layer = new byte[MIB];
    ScriptedUpstream.Image image = upstream.image("team/app", "v1", layer);
    CountDownLatch goesOn = new CountDownLatch(1);
    upstream.on("GET", ".*/blobs/.*").stallAfter(MIB / 2, goesOn);
    assertThat(Http.get(weir.port(), "/v2/hub/team/app/manifests/v1").status()).isEqualTo(200);
    try (Http.Stream client =
        Http.open(weir.port(), "GET", "/v2/hub/team/app/blobs/" + image.layers().getFirst())) {
      JsonNode fetches = api.get("/api/v1/transfers").body().path("fetches");
      while (fetches.at("/0/images").isEmpty()) {
        fetches = api.get("/api/v1/transfers").body().path("fetches");
      }
      assertThat(fetches.at("/0/images/0").asString()).isEqualTo("hub/team/app:v1");
      goesOn.countDown();
      assertThat(client.readToEnd()).hasSize(MIB);
    }
  }

  @Test
  void jobsAreToldWhenTheyChange() throws IOException {
    try (EventReader events = listen()) {
      assertThat(events.next("jobs").data().path("jobs")).isEmpty();

      assertThat(api.post("/api/v1/jobs", "{\"kind\":\"gc\"}").status()).isEqualTo(202);

      JsonNode job = events.next("jobs").data().at("/jobs/0");
      while (!job.path("state").asString().equals("done")) {
        job = events.next("jobs").data().at("/jobs/0");
      }
      assertThat(job.path("kind").asString()).isEqualTo("gc");
    }
  }

  @Test
  void linesOfTheLogComeInTheirOrderAndAreGoneOnWithAfterABreak() throws IOException {
    var log = LoggerFactory.getLogger("io.weir.Test");
    log.atWarn().addKeyValue("upstream", "hub").log("<b>one</b>");
    String lastId;
    try (EventReader events = listen()) {
      Event one = line(events, "<b>one</b>");
      assertThat(one.data().path("level").asString()).isEqualTo("WARN");
      assertThat(one.data().path("logger").asString()).isEqualTo("io.weir.Test");
      assertThat(one.data().at("/fields/upstream").asString()).isEqualTo("hub");
      log.warn("two");
      Event two = line(events, "two");
      assertThat(Long.parseLong(two.id())).isGreaterThan(Long.parseLong(one.id()));
      lastId = two.id();
    }
    log.warn("three");
    log.debug("nothing for here");
    log.warn("four");

    try (EventReader events = listen("Last-Event-ID: " + lastId)) {
      List<String> messages = new ArrayList<>();
      while (!messages.contains("four")) {
        messages.add(events.next("log").data().path("message").asString());
      }
      assertThat(messages).contains("three").doesNotContain("two", "nothing for here");
    }
  }

  private static Event line(EventReader events, String message) throws IOException {
    Event event = events.next("log");
    while (!event.data().path("message").asString().equals(message)) {
      event = events.next("log");
    }
    return event;
  }

  @Test
  void anIdThatIsNoneIsNotBelieved() throws IOException {
    LoggerFactory.getLogger("io.weir.Test").warn("still told");
    try (EventReader events = listen("Last-Event-ID: ../../etc")) {
      assertThat(line(events, "still told").id()).isNotEmpty();
    }
  }

  @Test
  void theHistoryBeginsWithTheServerAndGoesOn() throws IOException {
    JsonNode samples = api.get("/api/v1/history").body().path("samples");
    while (samples.isEmpty()) {
      samples = api.get("/api/v1/history").body().path("samples");
    }
    assertThat(samples.at("/0/requests").asLong()).isZero();
    assertThat(api.get("/api/v1/history").body().path("step").asString()).isEqualTo("PT10S");
  }

  @Test
  void aTokenThatIsTakenBackEndsTheStream() throws IOException {
    Path token = Files.writeString(data.resolve("token"), "first");
    try (WeirServer guarded =
        WeirServer.in(data.resolve("guarded"))
            .adminToken(token)
            .upstream("hub", upstream.url())
            .start()) {
      try (EventReader events = new EventReader(guarded.adminPort())) {
        assertThat(events.status()).isEqualTo(401);
      }
      try (EventReader events =
          new EventReader(guarded.adminPort(), "Authorization: Bearer first")) {
        assertThat(events.next().name()).isEqualTo("hello");
        Path _ = Files.writeString(token, "second");
        assertThat(events.ends()).isTrue();
      }
    }
  }

  @Test
  void theEndOfTheServerEndsTheStream() throws IOException {
    try (EventReader events = listen()) {
      assertThat(events.next().name()).isEqualTo("hello");
      weir.close();
      assertThat(events.ends()).isTrue();
    }
  }

  @Test
  void aHeadOfItHasNoBody() throws IOException {
    Http.Answer head = Http.head(weir.adminPort(), "/api/v1/events");
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.header("Content-Type")).isEqualTo("text/event-stream");
    assertThat(head.body()).isEmpty();
  }
}
