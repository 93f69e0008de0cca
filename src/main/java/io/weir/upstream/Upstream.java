package io.weir.upstream;

import io.vertx.core.Vertx;
import io.weir.config.UpstreamConfig;
import io.weir.metrics.Kind;
import io.weir.metrics.Metrics;
import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.MediaType;
import io.weir.oci.OciException;
import io.weir.oci.Reference;
import io.weir.oci.Repository;
import io.weir.watch.FileWatch;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The registry client for one upstream.
 *
 * <p>Every method blocks and belongs on a virtual thread; all may be called at the same time. How
 * long one may take is bounded: by the time limits of the configuration for each step, and by twice
 * the sum of the connect and the response limit for each try as a whole. What goes wrong is an
 * {@link UpstreamException}.
 *
 * <p>A request that fails is tried at the next URL, and at the last one again after a short pause,
 * where that may help. A URL that keeps failing is left alone for a while: see {@link #isFailing}.
 * Answers are not remembered here, not even that something does not exist.
 */
public final class Upstream implements AutoCloseable {

  private static final JsonMapper JSON = JsonMapper.shared();

  /**
   * The largest page of tags or referrers that is read: mcr.microsoft.com lists all tags at once.
   */
  private static final int DOCUMENT_BYTES_MAX = 16 << 20;

  /** How long a blob waits for others to end: clients give up at about this time themselves. */
  private static final Duration BLOB_PERMIT_LIMIT = Duration.ofMinutes(5);

  /** How much of a blob is asked for at a time where others bring what follows. */
  private static final long BITE_BYTES = 4 << 20;

  /** The answer to a HEAD that the upstream does not do. */
  private static final RemoteHead REFUSED = new RemoteHead(null, -1, null);

  private final UpstreamConfig config;
  private final Failures failures;
  private final Transport transport;
  private final Sites sites;
  private final CredentialSource credentials;
  private final Verdict verdict;
  private final Vitals vitals;
  private final Permits permits;
  private final Duration permitLimit;
  private final Widening widening;

  /** Makes of a good answer what was asked for. */
  interface Reader<T> {
    T read(Exchange exchange, Site site) throws TryFailedException;
  }

  /**
   * @param watch tells when the files of {@code tls} have changed
   * @param environment for {@code HTTPS_PROXY} and its like, and for secrets that stand there
   * @throws IllegalArgumentException where a URL of the upstream or of a proxy is none
   */
  public Upstream(
      UpstreamConfig config,
      Vertx vertx,
      FileWatch watch,
      InstantSource clock,
      Map<String, String> environment,
      Metrics metrics) {
    this(config, vertx, watch, clock, environment, metrics, Thread::sleep);
  }

  Upstream(
      UpstreamConfig config,
      Vertx vertx,
      FileWatch watch,
      InstantSource clock,
      Map<String, String> environment,
      Metrics metrics,
      Pause pause) {
    UpstreamConfig.Timeouts timeouts = config.timeouts();
    List<Endpoint> endpoints = config.urls().stream().map(Endpoint::of).toList();
    this.config = config;
    this.failures = new Failures(config.name(), timeouts.connect(), timeouts.response(), clock);
    this.vitals = new Vitals(clock);
    this.transport =
        new Transport(
            config,
            endpoints.stream().map(Endpoint::base).toList(),
            new ProxyChoice(config.proxy().orElse(null), environment),
            vertx,
            watch,
            clock,
            failures,
            vitals,
            metrics);
    this.permitLimit = timeouts.connect().plus(timeouts.response());
    Redirects redirects = new Redirects(transport, failures);
    Tokens tokens = new Tokens(transport, redirects, failures, clock, permitLimit);
    this.credentials = CredentialSource.of(config, clock, environment);
    this.verdict = new Verdict(clock);
    this.sites =
        new Sites(
            failures,
            pause,
            endpoints,
            endpoint ->
                new Authorizer(
                    endpoint,
                    credentials,
                    verdict,
                    config.tokenRealms(),
                    tokens,
                    redirects,
                    failures),
            clock,
            vitals,
            isUp -> metrics.upstreamUp(config.name(), isUp));
    this.permits = new Permits(config.name(), config.connections());
    this.widening = new Widening(permits.blobsMax(), System::nanoTime);
  }

  /** The name that requests and metrics have for it. */
  public String name() {
    return config.name();
  }

  public UpstreamConfig config() {
    return config;
  }

  /** Which credentials it was last asked with; empty where none are configured. */
  public Optional<CredentialStatus> credentials() {
    return credentials
        .status()
        .map(status ->
            verdict
                .refusal()
                .filter(_ -> status.failure().isEmpty())
                .map(status::failed)
                .orElse(status));
  }

  /** How it was when it was last asked. */
  public UpstreamHealth health() {
    return vitals.health();
  }

  /**
   * Whether the upstream could not be reached, or answered with server errors, when it was last
   * asked: then a request now fails at once, or is the one that finds out whether it is back. A
   * caller who has a stored answer need not wait for that.
   */
  public boolean isFailing() {
    return sites.isFailing();
  }

  /**
   * Asks what a tag points to, or whether a manifest exists.
   *
   * @return without a digest where the upstream does not do HEAD (400, 405, 501), or does not say:
   *     a GET will tell
   */
  public RemoteHead headManifest(Repository repository, Reference reference) {
    Ask ask =
        Ask.head(Kind.MANIFEST, repository, "manifests/" + reference)
            .withHeader("Accept", MediaType.MANIFEST_ACCEPT);
    return small(ask, (exchange, _) -> head(exchange));
  }

  /**
   * Fetches a manifest.
   *
   * @throws UpstreamException also {@code INVALID} where it is larger than {@link
   *     Manifest#SIZE_BYTES_MAX}, or a page for people
   */
  public RemoteManifest getManifest(Repository repository, Reference reference) {
    Ask ask =
        Ask.get(Kind.MANIFEST, repository, "manifests/" + reference)
            .withHeader("Accept", MediaType.MANIFEST_ACCEPT);
    return small(
        ask,
        (exchange, _) ->
            new RemoteManifest(
                readDocument(exchange, "the manifest", Manifest.SIZE_BYTES_MAX),
                exchange.header("Content-Type"),
                digest(exchange)));
  }

  /** Asks whether a blob exists in a repository, and how long it is. */
  public RemoteHead headBlob(Repository repository, Digest digest) {
    RemoteHead head =
        small(Ask.head(Kind.BLOB, repository, "blobs/" + digest), (exchange, _) -> head(exchange));
    if (!head.equals(REFUSED)) {
      return head;
    }
    try (RemoteBlob blob = openBlob(repository, digest, 0, -1)) {
      return new RemoteHead(digest, blob.sizeBytes(), MediaType.OCTET_STREAM);
    }
  }

  /**
   * Begins to fetch a blob. The caller closes it; until then it counts as one of the upstream's
   * {@code connections}.
   *
   * <p>It is asked for to its end, unless more connections are known to bring more: then a bite of
   * it is, so that others can bring what follows and no connection has to be let go for that.
   *
   * @param fromByte where to begin. More than 0 is for a fetch that broke: it is then made also
   *     while the upstream is failing, and at another URL than the one that broke, if there is one
   * @param wantedTo the first byte behind it that is not wanted from here, or −1
   * @throws UpstreamException also {@code INVALID} where the upstream cannot resume there
   */
  public RemoteBlob openBlob(Repository repository, Digest digest, long fromByte, long wantedTo) {
    if (!widening.isAllowed()) {
      return open(repository, digest, fromByte, -1);
    }
    long biteTo = fromByte + BITE_BYTES;
    try {
      return open(repository, digest, fromByte, wantedTo < 0 ? biteTo : Math.min(wantedTo, biteTo));
    } catch (UpstreamException e) {
      if (e.kind() != UpstreamException.Kind.INVALID) {
        throw e;
      }
      return open(repository, digest, fromByte, -1);
    }
  }

  private RemoteBlob open(Repository repository, Digest digest, long fromByte, long toByte) {
    Ask ask = Ask.get(Kind.BLOB, repository, "blobs/" + digest);
    if (fromByte > 0 || toByte >= 0) {
      ask = ask.from(fromByte, toByte);
    }
    return open(fromByte > 0 ? ask.forced() : ask, fromByte, toByte);
  }

  private RemoteBlob open(Ask ask, long fromByte, long toByte) {
    sites.check(ask);
    Permits.Permit permit = permits.forBlob(BLOB_PERMIT_LIMIT);
    boolean isOpen = false;
    try {
      RemoteBlob blob =
          sites.ask(ask, (exchange, site) -> openBlob(exchange, site, fromByte, toByte, permit));
      isOpen = true;
      return blob;
    } finally {
      if (!isOpen) {
        permit.close();
      }
    }
  }

  private RemoteBlob openBlob(
      Exchange exchange, Site site, long fromByte, long toByte, Permits.Permit permit)
      throws TryFailedException {
    refusePage(exchange, "the blob");
    if (exchange.status() == 200) {
      return new OpenBlob(exchange, site, widening, permit::close, 0, -1, exchange.contentLength());
    }
    ContentRange range = ContentRange.parse(exchange.header("Content-Range"));
    if (range == null
        || !range.answers(fromByte, toByte)
        || (toByte >= 0 && range.sizeBytes() < 0)) {
      throw failures.invalid("it cannot resume the blob: it answered another range");
    }
    return new OpenBlob(
        exchange, site, widening, permit::close, fromByte, range.last() + 1, range.sizeBytes());
  }

  /**
   * One more connection for parts of blobs, beside those that are open; waits for it. The caller
   * closes it.
   */
  public Lane openLane() {
    return new Lane(permits.forBlob(BLOB_PERMIT_LIMIT));
  }

  /**
   * One more connection for parts of blobs, where that is likely to bring more bytes than come now,
   * and nobody has to wait for it; otherwise null. The caller closes it.
   *
   * @param missingBytes how much the blob lacks that it would be for
   */
  public @Nullable Lane trySpareLane(long missingBytes) {
    Permits.Permit permit = widening.welcomes(missingBytes) ? permits.forSpareBlob() : null;
    return permit == null ? null : new Lane(permit);
  }

  /**
   * A place among the upstream's {@code connections}, for one part of a blob at a time. Used by one
   * thread, but for {@link #close}.
   */
  public final class Lane implements AutoCloseable {

    private final Permits.Permit permit;

    private Lane(Permits.Permit permit) {
      this.permit = permit;
    }

    /**
     * Begins to fetch a part of a blob. The caller closes it, and the lane is then free for
     * another.
     *
     * @param fromByte its first byte
     * @param toByte one past its last
     * @throws UpstreamException also {@code INVALID} where the upstream does not give just that
     */
    public RemoteBlob open(Repository repository, Digest digest, long fromByte, long toByte) {
      Ask ask = Ask.get(Kind.BLOB, repository, "blobs/" + digest).from(fromByte, toByte);
      sites.check(ask);
      return sites.ask(ask, (exchange, site) -> openPart(exchange, site, fromByte, toByte));
    }

    @Override
    public void close() {
      permit.close();
    }
  }

  private RemoteBlob openPart(Exchange exchange, Site site, long fromByte, long toByte)
      throws TryFailedException {
    refusePage(exchange, "the blob");
    ContentRange range = ContentRange.parse(exchange.header("Content-Range"));
    if (exchange.status() != 206 || range == null || !range.answers(fromByte, toByte)) {
      throw failures.invalid("it does not give that part of the blob");
    }
    return new OpenBlob(
        exchange, site, widening, () -> {}, fromByte, range.last() + 1, range.sizeBytes());
  }

  /**
   * A page of the tag list.
   *
   * @param n how many, as the client wrote it, or null
   * @param last after which, as the client wrote it, or null
   */
  public RemoteDocument tags(Repository repository, @Nullable String n, @Nullable String last) {
    String query = parameter("&n=", n) + parameter("&last=", last);
    String place = query.isEmpty() ? "tags/list" : "tags/list?" + query.substring(1);
    return small(
        Ask.get(Kind.TAGS, repository, place), (exchange, _) -> document(exchange, "the tag list"));
  }

  private static String parameter(String prefix, @Nullable String value) {
    return value == null ? "" : prefix + URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  /**
   * The first page of what refers to a manifest.
   *
   * @throws UpstreamException also {@code NOT_FOUND} where the upstream does not have the referrers
   *     API, in whatever way it says so
   */
  public RemoteDocument referrers(Repository repository, Digest digest) {
    return referrers(Ask.get(Kind.REFERRERS, repository, "referrers/" + digest));
  }

  /**
   * The next page of a list.
   *
   * @param kind {@code TAGS} or {@code REFERRERS}: what the page before was
   * @param link {@link RemoteDocument#next} of the page before
   * @throws UpstreamException also {@code INVALID} where the link leads out of the repository's
   *     list, or to another host
   */
  public RemoteDocument follow(Repository repository, Kind kind, String link) {
    String list = kind == Kind.TAGS ? "tags/list" : "referrers/";
    Ask ask = Ask.get(kind, repository, list).withLink(link);
    return kind == Kind.TAGS
        ? small(ask, (exchange, _) -> document(exchange, "the tag list"))
        : referrers(ask);
  }

  private RemoteDocument referrers(Ask ask) {
    try {
      return small(ask, (exchange, _) -> referrers(document(exchange, "the list of referrers")));
    } catch (UpstreamException e) {
      if (e.kind() == UpstreamException.Kind.INVALID) {
        throw new UpstreamException(
            UpstreamException.Kind.NOT_FOUND, String.valueOf(e.getMessage()), null, e);
      }
      throw e;
    }
  }

  private RemoteDocument referrers(RemoteDocument document) throws TryFailedException {
    JsonNode root;
    try {
      root = JSON.readTree(document.content());
    } catch (JacksonException e) {
      throw failures.invalid("the list of referrers is not JSON");
    }
    String type = root.path("mediaType").asString("");
    if (type.isEmpty() && document.contentType() != null) {
      type = MediaType.essence(document.contentType());
    }
    if (!type.equals(MediaType.OCI_INDEX) || !root.path("manifests").isArray()) {
      throw failures.invalid("the list of referrers is not an OCI index");
    }
    return document;
  }

  /**
   * Makes sure that the upstream can be reached and lets this server in. It is asked also where it
   * is left alone after failures; if it answers, that is over.
   */
  public void ping() {
    small(
        Ask.ping(),
        (exchange, _) -> {
          exchange.discard();
          return true;
        });
  }

  /**
   * Asks now whether it is of use; see {@link #ping}. One without credentials is if it answers at
   * all: what it shows to nobody is known for a repository only.
   *
   * @return why it is not; empty where it is
   */
  public Optional<String> check() {
    try {
      ping();
      return Optional.empty();
    } catch (UpstreamException e) {
      boolean isNobody = credentials().isEmpty();
      return isNobody && e.kind() == UpstreamException.Kind.DENIED
          ? Optional.empty()
          : Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private <T> T small(Ask ask, Reader<T> reader) {
    sites.check(ask);
    try (Permits.Permit _ = permits.forSmall(permitLimit)) {
      return sites.ask(
          ask,
          (exchange, site) -> {
            try (exchange) {
              return reader.read(exchange, site);
            }
          });
    }
  }

  private RemoteHead head(Exchange exchange) throws TryFailedException {
    exchange.discard();
    if (exchange.status() != 200) {
      return REFUSED;
    }
    refusePage(exchange, "the answer");
    return new RemoteHead(
        digest(exchange), exchange.contentLength(), exchange.header("Content-Type"));
  }

  private RemoteDocument document(Exchange exchange, String what) throws TryFailedException {
    return new RemoteDocument(
        readDocument(exchange, what, DOCUMENT_BYTES_MAX),
        exchange.header("Content-Type"),
        LinkHeader.next(exchange.headers("Link")));
  }

  private byte[] readDocument(Exchange exchange, String what, int sizeBytesMax)
      throws TryFailedException {
    refusePage(exchange, what);
    byte[] content = exchange.contentLength() > sizeBytesMax ? null : exchange.read(sizeBytesMax);
    if (content == null || content.length > sizeBytesMax) {
      throw failures.tooLarge(what, sizeBytesMax);
    }
    if (content.length > 0 && content[0] == '<') {
      throw failures.invalid(what + " is a page for people");
    }
    return content;
  }

  /** A sign-in page, or a captive portal's, comes with status 200. */
  private void refusePage(Exchange exchange, String what) throws TryFailedException {
    String type = exchange.header("Content-Type");
    if (type != null && MediaType.essence(type).equals("text/html")) {
      throw failures.invalid(what + " is a page for people (text/html)");
    }
  }

  private static @Nullable Digest digest(Exchange exchange) {
    String header = exchange.header("Docker-Content-Digest");
    try {
      return header == null ? null : Digest.parse(header.strip());
    } catch (OciException e) {
      return null;
    }
  }

  /** Reads the files of {@code tls} again, for connections that come. */
  void rereadTls() {
    transport.rereadTls();
  }

  /** Closes when nothing is under way any more. Returns at once. */
  void retire() {
    Thread _ =
        Thread.ofVirtual()
            .name("retire")
            .start(() -> {
              permits.close();
              close();
            });
  }

  /** Closes every connection; what is under way fails. */
  @Override
  public void close() {
    transport.close();
  }
}
