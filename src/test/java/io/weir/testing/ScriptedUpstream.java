package io.weir.testing;

import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.MediaType;
import io.weir.oci.OciException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A registry on a loopback port that serves what a test puts into it, writes down what it is asked,
 * and misbehaves on demand.
 *
 * {@snippet :
 * try (var upstream = ScriptedUpstream.start()) {
 *   var image = upstream.image("library/nginx", "latest", layer);
 *   upstream.on("GET", "/v2/library/nginx/blobs/.+").times(1).cutAfter(1000);
 *   // … pull from upstream.url() …
 *   assertThat(upstream.count("GET", "/v2/library/nginx/blobs/.+")).isEqualTo(3);
 * }
 * }
 *
 * <p>A blob put with a repository is found only there; one put without is found in all. Each
 * connection has a virtual thread; all methods may be called from any thread.
 */
public final class ScriptedUpstream implements AutoCloseable {

  private static final Pattern ROUTE =
      Pattern.compile("/v2/(.+)/(manifests|blobs|referrers)/([^/]+)|/v2/(.+)/tags/list");
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");
  private static final String EVERYWHERE = "*";

  private final @Nullable SSLContext tls;
  private final int port;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final List<Rule> rules = new CopyOnWriteArrayList<>();
  private final ScriptedAuth auth;
  private final AtomicLong bodyBytes = new AtomicLong();

  private final Object lock = new Object();
  // Guarded by lock:
  private @Nullable Listener listener;
  private final List<RecordedRequest> requests = new ArrayList<>();
  private final Map<Digest, Content> contents = new HashMap<>();
  private final Map<String, Set<Digest>> blobs = new HashMap<>();
  private final Map<String, Map<Digest, String>> manifestTypes = new HashMap<>();
  private final Map<String, NavigableMap<String, Digest>> tags = new HashMap<>();
  private int underWay;
  private int underWayMax;

  private volatile long bytesPerSecond;
  private volatile boolean hasReferrers = true;
  private volatile boolean wantsClientCertificate;

  /** An image as {@link #image} stored it. */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  public record Image(Digest digest, byte[] manifest, Digest config, List<Digest> layers) {}

  private ScriptedUpstream(@Nullable SSLContext tls) throws IOException {
    this.tls = tls;
    ServerSocket socket = bind(0);
    this.port = socket.getLocalPort();
    this.auth = new ScriptedAuth(() -> url().toString());
    this.listener = listen(socket);
  }

  /** A registry without content, without faults, open to everybody. */
  public static ScriptedUpstream start() {
    return start(null);
  }

  /** The same behind TLS; null is without. */
  public static ScriptedUpstream start(@Nullable SSLContext tls) {
    try {
      return new ScriptedUpstream(tls);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ---- where it is ----

  /** Its URL, such as {@code http://127.0.0.1:40123}. */
  public URI url() {
    return url("");
  }

  /** The URL of a path here; the path begins with a slash. */
  public URI url(String path) {
    return URI.create((tls == null ? "http" : "https") + "://127.0.0.1:" + port + path);
  }

  public int port() {
    return port;
  }

  // ---- what it holds ----

  /** Stores a blob for all repositories. */
  public Digest putBlob(byte[] content) {
    return putBlob(EVERYWHERE, content);
  }

  /** Stores a blob for one repository. */
  public Digest putBlob(String repository, byte[] content) {
    return putBlob(repository, new Content.InMemory(content), Digest.Algorithm.SHA256);
  }

  /** Stores a blob for all repositories, under a digest of another algorithm. */
  public Digest putBlob(byte[] content, Digest.Algorithm algorithm) {
    return putBlob(EVERYWHERE, new Content.InMemory(content), algorithm);
  }

  /**
   * Stores a blob of any size for all repositories. Its bytes follow from the seed and are computed
   * when they are sent, so it takes no memory; its digest is computed here, at about a second for a
   * gigabyte.
   */
  public Digest putRandomBlob(long sizeBytes, long seed) {
    return putBlob(EVERYWHERE, new Content.Generated(sizeBytes, seed), Digest.Algorithm.SHA256);
  }

  private Digest putBlob(String repository, Content content, Digest.Algorithm algorithm) {
    Digest digest = content.digest(algorithm);
    synchronized (lock) {
      contents.put(digest, content);
      blobs.computeIfAbsent(repository, r -> ConcurrentHashMap.newKeySet()).add(digest);
    }
    return digest;
  }

  /** A part of what is here under a digest, to compare an answer with. */
  public byte[] bytes(Digest digest, long offset, int length) {
    byte[] bytes = new byte[length];
    content(digest).read(offset, bytes, length);
    return bytes;
  }

  /** The length of what is here under a digest. */
  public long sizeBytes(Digest digest) {
    return content(digest).sizeBytes();
  }

  private Content content(Digest digest) {
    synchronized (lock) {
      Content content = contents.get(digest);
      if (content == null) {
        throw new IllegalArgumentException(digest + " is not here");
      }
      return content;
    }
  }

  /** Stores a manifest, to be asked for by its digest. */
  public Digest putManifest(String repository, byte[] content, String mediaType) {
    Digest digest = Digest.Algorithm.SHA256.of(content);
    synchronized (lock) {
      contents.put(digest, new Content.InMemory(content));
      manifestTypes
          .computeIfAbsent(repository, r -> new ConcurrentHashMap<>())
          .put(digest, mediaType);
    }
    return digest;
  }

  /** Points a tag at a manifest, whether or not that exists. */
  public void tag(String repository, String tag, Digest digest) {
    synchronized (lock) {
      tags.computeIfAbsent(repository, r -> new TreeMap<>()).put(tag, digest);
    }
  }

  /** Takes a tag away. */
  public void untag(String repository, String tag) {
    synchronized (lock) {
      tags.getOrDefault(repository, new TreeMap<>()).remove(tag);
    }
  }

  /** Takes content away from every repository; tags of it stay and lead nowhere. */
  public void remove(Digest digest) {
    synchronized (lock) {
      contents.remove(digest);
      blobs.values().forEach(digests -> digests.remove(digest));
      manifestTypes.values().forEach(types -> types.remove(digest));
    }
  }

  /** Stores an OCI image with these layers, its config and its manifest, and tags it. */
  public Image image(String repository, String tag, byte[]... layers) {
    return imageOf(
        repository,
        tag,
        Stream.of(layers).map(layer -> putBlob(repository, layer)).toArray(Digest[]::new));
  }

  /**
   * Stores an OCI image of layers that are here already, with its config and its manifest, and tags
   * it.
   */
  public Image imageOf(String repository, String tag, Digest... layers) {
    List<String> descriptors = new ArrayList<>();
    for (Digest layer : layers) {
      descriptors.add(
          descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer, sizeBytes(layer)));
    }
    byte[] config =
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"created_by\":\"%s:%s\"}"
            .formatted(repository, tag)
            .getBytes(StandardCharsets.UTF_8);
    Digest configDigest = putBlob(repository, config);
    byte[] manifest =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
            .formatted(
                MediaType.OCI_MANIFEST,
                descriptor("application/vnd.oci.image.config.v1+json", configDigest, config.length),
                String.join(",", descriptors))
            .getBytes(StandardCharsets.UTF_8);
    Digest digest = putManifest(repository, manifest, MediaType.OCI_MANIFEST);
    tag(repository, tag, digest);
    return new Image(digest, manifest, configDigest, List.of(layers));
  }

  /** Stores an OCI index of manifests that are here, and tags it. */
  public Digest index(String repository, String tag, Digest... manifests) {
    List<String> descriptors = new ArrayList<>();
    synchronized (lock) {
      for (Digest manifest : manifests) {
        Content content = contents.get(manifest);
        long sizeBytes = content == null ? 1000 : content.sizeBytes();
        descriptors.add(descriptor(MediaType.OCI_MANIFEST, manifest, sizeBytes));
      }
    }
    byte[] index =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
            .formatted(MediaType.OCI_INDEX, String.join(",", descriptors))
            .getBytes(StandardCharsets.UTF_8);
    Digest digest = putManifest(repository, index, MediaType.OCI_INDEX);
    tag(repository, tag, digest);
    return digest;
  }

  private static String descriptor(String mediaType, Digest digest, long sizeBytes) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(mediaType, digest, sizeBytes);
  }

  // ---- how it behaves ----

  /**
   * A new fault, for requests of a method ({@code *} is any) whose whole path matches. Of several
   * rules that match a request all are applied; where two say the same thing, the older one counts.
   */
  public Rule on(String method, String pathRegex) {
    Rule rule = new Rule(method, pathRegex);
    rules.add(rule);
    return rule;
  }

  /** Ends every fault. */
  public void behave() {
    rules.clear();
  }

  /** Who may read. */
  public ScriptedAuth auth() {
    return auth;
  }

  /** Holds each body down to this speed; 0 is full speed. */
  public void bytesPerSecond(long speed) {
    bytesPerSecond = speed;
  }

  /** Answers 404 for referrers, as registries of before 2023 do. */
  public void withoutReferrers() {
    hasReferrers = false;
  }

  /** Refuses TLS clients that show no certificate that this server trusts. */
  public void requireClientCertificate() {
    wantsClientCertificate = true;
  }

  /** Closes every connection and refuses new ones. */
  public void goOffline() {
    Listener open;
    synchronized (lock) {
      open = listener;
      listener = null;
    }
    if (open != null) {
      open.close();
    }
    dropConnections();
  }

  /** Listens again, at the same port. */
  public void goOnline() {
    synchronized (lock) {
      if (listener != null) {
        return;
      }
      try {
        listener = listen(bind(port));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Closes the connections that are open now. */
  public void dropConnections() {
    for (Socket connection : connections) {
      closeQuietly(connection);
    }
  }

  // ---- what it was asked ----

  /** Every request since the start, in the order in which they were read. */
  public List<RecordedRequest> requests() {
    synchronized (lock) {
      return List.copyOf(requests);
    }
  }

  /** The requests of a method ({@code *} is any) whose whole path matches. */
  public List<RecordedRequest> requests(String method, String pathRegex) {
    Pattern path = Pattern.compile(pathRegex);
    return requests().stream()
        .filter(request -> method.equals("*") || method.equals(request.method()))
        .filter(request -> path.matcher(request.path()).matches())
        .toList();
  }

  /** How many requests there were of a method ({@code *} is any) and a path. */
  public int count(String method, String pathRegex) {
    return requests(method, pathRegex).size();
  }

  /** Forgets the requests so far. */
  public void forgetRequests() {
    synchronized (lock) {
      requests.clear();
    }
  }

  /**
   * Waits until there were {@code n} such requests.
   *
   * @throws AssertionError where they did not come within ten seconds
   */
  public void awaitRequests(String method, String pathRegex, int n) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    synchronized (lock) {
      while (count(method, pathRegex) < n) {
        long leftMillis = Duration.ofNanos(end - System.nanoTime()).toMillis();
        if (leftMillis <= 0) {
          throw new AssertionError("fewer than " + n + " requests; there were " + requests);
        }
        lock.wait(leftMillis);
      }
    }
  }

  /** How many bytes of bodies were sent. */
  public long bodyBytes() {
    return bodyBytes.get();
  }

  /** How many connections are open. */
  public int openConnections() {
    return connections.size();
  }

  /** How many requests at most were being answered at the same time. */
  public int concurrentRequestsMax() {
    synchronized (lock) {
      return underWayMax;
    }
  }

  @Override
  public void close() {
    goOffline();
    threads.shutdownNow();
    threads.close();
  }

  // ---- connections ----

  private ServerSocket bind(int wanted) throws IOException {
    ServerSocket socket =
        tls == null ? new ServerSocket() : tls.getServerSocketFactory().createServerSocket();
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), wanted), 1024);
    return socket;
  }

  private void accept(ServerSocket socket) {
    while (!socket.isClosed()) {
      try {
        Socket accepted = socket.accept();
        connections.add(accepted);
        threads.execute(() -> serve(accepted));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      if (socket instanceof SSLSocket encrypted) {
        encrypted.setNeedClientAuth(wantsClientCertificate);
      }
      serve(new HttpConnection(socket));
    } catch (IOException e) {
      // The peer left, or this side closed: what a test wants to know of it, it sees at the peer.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      connections.remove(socket);
    }
  }

  private void serve(HttpConnection connection) throws IOException, InterruptedException {
    boolean isReusable = true;
    while (isReusable) {
      RecordedRequest request = connection.read();
      if (request == null) {
        return;
      }
      record(request);
      try {
        isReusable = answer(connection, request);
      } finally {
        synchronized (lock) {
          underWay--;
        }
      }
    }
  }

  private void record(RecordedRequest request) {
    synchronized (lock) {
      requests.add(request);
      underWay++;
      underWayMax = Math.max(underWayMax, underWay);
      lock.notifyAll();
    }
  }

  private boolean answer(HttpConnection connection, RecordedRequest request)
      throws IOException, InterruptedException {
    List<Rule> matching = rules.stream().filter(rule -> rule.take(request)).toList();
    for (Rule rule : matching) {
      Thread.sleep(rule.delay);
      var hold = rule.hold;
      if (hold != null) {
        hold.await();
      }
    }
    if (matching.stream().anyMatch(rule -> rule.dropConnection)) {
      return false;
    }
    boolean ignoreRange = matching.stream().anyMatch(rule -> rule.ignoreRange);
    Answer answer =
        matching.stream()
            .map(rule -> rule.reply)
            .filter(reply -> reply != null)
            .findFirst()
            .map(ScriptedUpstream::answer)
            .orElseGet(() -> route(request, ignoreRange));
    for (Rule rule : matching) {
      for (String name : rule.missingHeaders()) {
        answer = answer.withoutHeader(name);
      }
      for (Map.Entry<String, String> header : rule.extraHeaders()) {
        answer = answer.with(header.getKey(), header.getValue());
      }
    }
    return connection.write(request, answer, matching, this::sent);
  }

  private static Answer answer(Rule.Reply reply) {
    return Answer.of(reply.status(), reply.contentType(), reply.body());
  }

  private void sent(int bytes) throws InterruptedException {
    bodyBytes.addAndGet(bytes);
    long speed = bytesPerSecond;
    if (speed > 0) {
      Thread.sleep(Duration.ofNanos(bytes * 1_000_000_000L / speed));
    }
  }

  // ---- the registry ----

  private Answer route(RecordedRequest request, boolean ignoreRange) {
    if (request.path().equals("/token")) {
      return auth.token(request);
    }
    Matcher route = ROUTE.matcher(request.path());
    boolean isRoute = route.matches();
    String repository = !isRoute ? null : route.group(1) != null ? route.group(1) : route.group(4);
    if (!auth.admits(request, repository)) {
      Answer refusal = Answer.error(401, "UNAUTHORIZED", "authentication required");
      for (String line : auth.challenge(repository)) {
        refusal = refusal.adding("WWW-Authenticate", line);
      }
      return refusal;
    }
    if (request.path().equals("/v2/")) {
      return Answer.json(200, "{}");
    }
    if (repository == null) {
      return Answer.error(404, "NAME_UNKNOWN", "no such page");
    }
    if (route.group(2) == null) {
      return tagList(repository, request);
    }
    String last = route.group(3);
    return switch (route.group(2)) {
      case "manifests" -> manifest(repository, last);
      case "blobs" -> blob(repository, last, request, ignoreRange);
      default -> referrers(repository, last);
    };
  }

  private Answer manifest(String repository, String reference) {
    synchronized (lock) {
      Digest digest =
          reference.contains(":")
              ? Digest.parse(reference)
              : tags.getOrDefault(repository, new TreeMap<>()).get(reference);
      String type =
          digest == null ? null : manifestTypes.getOrDefault(repository, Map.of()).get(digest);
      Content content = digest == null ? null : contents.get(digest);
      if (digest == null || type == null || content == null) {
        return Answer.error(404, "MANIFEST_UNKNOWN", "manifest unknown");
      }
      return Answer.of(200, type, content)
          .with("Docker-Content-Digest", digest.toString())
          .with("ETag", '"' + digest.toString() + '"');
    }
  }

  private Answer blob(
      String repository, String reference, RecordedRequest request, boolean ignoreRange) {
    Digest digest = Digest.parse(reference);
    Content content;
    synchronized (lock) {
      boolean isHere =
          blobs.getOrDefault(EVERYWHERE, Set.of()).contains(digest)
              || blobs.getOrDefault(repository, Set.of()).contains(digest);
      content = isHere ? contents.get(digest) : null;
    }
    if (content == null) {
      return Answer.error(404, "BLOB_UNKNOWN", "blob unknown");
    }
    Answer whole =
        Answer.of(200, "application/octet-stream", content)
            .with("Docker-Content-Digest", digest.toString())
            .with("ETag", '"' + digest.toString() + '"')
            .with("Accept-Ranges", "bytes");
    Matcher range = RANGE.matcher(request.header("range").orElse(""));
    if (ignoreRange || !range.matches()) {
      return whole;
    }
    long from = Long.parseLong(range.group(1));
    long end = content.sizeBytes() - 1;
    if (from > end) {
      return Answer.error(416, "RANGE_INVALID", "range not satisfiable")
          .with("Content-Range", "bytes */" + content.sizeBytes());
    }
    long last = range.group(2).isEmpty() ? end : Math.min(end, Long.parseLong(range.group(2)));
    return whole.range(from, last);
  }

  private Answer tagList(String repository, RecordedRequest request) {
    List<String> names;
    synchronized (lock) {
      if (!tags.containsKey(repository)) {
        return Answer.error(404, "NAME_UNKNOWN", "repository name not known to registry");
      }
      names = List.copyOf(tags.getOrDefault(repository, new TreeMap<>()).keySet());
    }
    String last = parameter(request, "last");
    if (last != null) {
      names = names.stream().filter(name -> name.compareTo(last) > 0).toList();
    }
    String n = parameter(request, "n");
    if (n != null && !n.matches("\\d{1,9}")) {
      return Answer.error(400, "PAGINATION_NUMBER_INVALID", "invalid number of results requested");
    }
    int count = n == null ? names.size() : Math.min(names.size(), Integer.parseInt(n));
    List<String> page = names.subList(0, count);
    String quoted = String.join(",", page.stream().map(name -> '"' + name + '"').toList());
    Answer answer =
        Answer.json(200, "{\"name\":\"%s\",\"tags\":[%s]}".formatted(repository, quoted));
    if (count > 0 && count < names.size()) {
      return answer.with(
          "Link",
          "</v2/%s/tags/list?last=%s&n=%s>; rel=\"next\"".formatted(repository, page.getLast(), n));
    }
    return answer;
  }

  private Answer referrers(String repository, String subject) {
    if (!hasReferrers) {
      return Answer.error(404, "UNSUPPORTED", "no referrers here");
    }
    List<String> found = new ArrayList<>();
    synchronized (lock) {
      manifestTypes.getOrDefault(repository, Map.of()).entrySet().stream()
          .sorted(Comparator.comparing(entry -> entry.getKey().toString()))
          .forEach(entry -> {
            Content content = contents.get(entry.getKey());
            if (content instanceof Content.InMemory memory
                && refersTo(memory.bytes(), entry.getValue(), subject)) {
              found.add(descriptor(entry.getValue(), entry.getKey(), memory.sizeBytes()));
            }
          });
    }
    return Answer.json(
            200,
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
                .formatted(MediaType.OCI_INDEX, String.join(",", found)))
        .with("Content-Type", MediaType.OCI_INDEX);
  }

  private static boolean refersTo(byte[] manifest, String mediaType, String subject) {
    try {
      return Manifest.parse(manifest, mediaType)
          .subject()
          .filter(descriptor -> descriptor.digest().toString().equals(subject))
          .isPresent();
    } catch (OciException e) {
      return false;
    }
  }

  private static @Nullable String parameter(RecordedRequest request, String name) {
    String query = request.query();
    if (query != null) {
      for (String pair : query.split("&", -1)) {
        if (pair.startsWith(name + '=')) {
          return pair.substring(name.length() + 1);
        }
      }
    }
    return null;
  }

  /**
   * A bound socket and the thread that accepts on it. The port is free only when that thread has
   * ended: a socket that a virtual thread waits on is closed by that thread.
   */
  private record Listener(ServerSocket socket, Thread acceptor) {
    void close() {
      closeQuietly(socket);
      try {
        acceptor.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Listener listen(ServerSocket socket) {
    return new Listener(socket, Thread.ofVirtual().start(() -> accept(socket)));
  }

  private static void closeQuietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      // Closed is closed.
    }
  }
}
