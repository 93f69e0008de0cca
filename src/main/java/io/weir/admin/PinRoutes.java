package io.weir.admin;

import io.weir.oci.ImagePattern;
import io.weir.retention.Pins;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What stays whatever happens. */
final class PinRoutes {

  private static final String PATH = "/api/v1/pins";

  private final Pins pins;

  /**
   * A pin.
   *
   * @param source {@code configuration}, or {@code added} by a request
   */
  record Pin(String pattern, String source) {

    static Pin configured(ImagePattern pattern) {
      return new Pin(pattern.toString(), "configuration");
    }

    static Pin added(ImagePattern pattern) {
      return new Pin(pattern.toString(), "added");
    }
  }

  /** All of them, those of the configuration first. */
  record PinList(List<Pin> pins) {}

  /** What a client sends. */
  record NewPin(Optional<String> pattern) {}

  PinRoutes(Pins pins) {
    this.pins = pins;
  }

  List<Route> routes() {
    return List.of(
        Route.get(PATH, _ -> list()),
        Route.post(PATH, this::add),
        Route.delete(PATH + "/{pattern...}", this::remove));
  }

  private Reply list() {
    return Reply.ok(
        new PinList(
            Stream.concat(
                    pins.configured().stream().map(Pin::configured),
                    pins.added().stream().map(Pin::added))
                .toList()));
  }

  private Reply add(Request request) throws IOException {
    ImagePattern pattern =
        request
            .object(NewPin.class)
            .pattern()
            .map(Request::pattern)
            .orElseThrow(() -> new Refusal(400, "the member pattern is missing"));
    Pin pin = Pin.added(pattern);
    return pins.add(pattern) ? Reply.created(PATH + '/' + pattern, pin) : Reply.ok(pin);
  }

  private Reply remove(Request request) throws IOException {
    ImagePattern pattern = request.pattern();
    if (pins.remove(pattern)) {
      return Reply.noContent();
    }
    if (pins.configured().contains(pattern)) {
      throw new Refusal(
          409, pattern + " is pinned by the configuration; it can go only from there");
    }
    throw new Refusal(404, pattern + " is not pinned; GET " + PATH + " lists what is");
  }
}
