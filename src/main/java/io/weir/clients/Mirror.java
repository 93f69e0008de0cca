package io.weir.clients;

import io.weir.config.Config;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The server as its clients see it.
 *
 * @param https whether it speaks TLS
 * @param routes where pulls of each source go; at least one, and no source twice
 * @param ca what clients are to trust beside what they trust anyway; only with https
 * @param onlyMirror whether clients must never contact a source itself
 * @param needsLogin whether clients need a name and a password
 * @param needsClientCertificate whether clients need a certificate of their own
 * @param notes what to know about this view, a sentence each
 */
public record Mirror(
    boolean https,
    List<Route> routes,
    Optional<CaBundle> ca,
    boolean onlyMirror,
    boolean needsLogin,
    boolean needsClientCertificate,
    List<String> notes) {

  public Mirror {
    routes = List.copyOf(routes);
    notes = List.copyOf(notes);
  }

  /**
   * How clients see a server of this configuration.
   *
   * @throws IllegalArgumentException for a wish that the configuration cannot fulfil, with a reason
   *     for the user
   */
  public static Mirror of(Config config, Wishes wishes) {
    return new MirrorAssembler(config, wishes).assemble();
  }

  /**
   * By which host nodes reach the server, as far as the configuration says; empty where it listens
   * to its own machine only.
   */
  public static Optional<String> hostOf(Config config, String machineName) {
    return MirrorAssembler.hostOf(config.registry().listen(), machineName);
  }

  String scheme() {
    return https ? "https" : "http";
  }

  /** The URL of host and port. */
  String url(String authority) {
    return scheme() + "://" + authority;
  }

  /** The URL for clients that add nothing but what stands behind {@code /v2/NAME}. */
  String urlBehindV2(Route route) {
    return url(route.authority()) + route.pathBehindV2();
  }

  /** Every host and port to which the routes lead, each once. */
  List<String> authorities() {
    return routes.stream().map(Route::authority).distinct().toList();
  }

  Optional<Route> dockerHub() {
    return routes.stream().filter(Route::isDockerHub).findFirst();
  }

  /** The routes that clients can take which tell sources apart by their host only. */
  List<Route> wholeRegistries() {
    return routes.stream().filter(Route::isWholeRegistry).toList();
  }

  /** What to tell about the other routes. */
  List<String> notesOnParts(String runtime) {
    return routes.stream()
        .filter(route -> !route.isWholeRegistry())
        .map(route ->
            "%s tells sources apart by host only, so %s is left out: name %s/REPOSITORY in references."
                .formatted(runtime, route.reference(), route.location()))
        .toList();
  }

  /** A first route to show things with. */
  Route example() {
    return dockerHub().orElseGet(routes::getFirst);
  }

  /** Notes of this view and more. */
  List<String> notesAnd(List<String> more) {
    return Stream.concat(notes.stream(), more.stream()).toList();
  }
}
