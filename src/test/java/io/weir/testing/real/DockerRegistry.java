package io.weir.testing.real;

import io.weir.oci.Digest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Debian's {@code docker-registry}, the registry that Docker distributes as {@code registry:2}: an
 * upstream, or with {@link Builder#proxyOf} a pull-through cache to compare with.
 *
 * <p>Facts of version 2.8.2:
 *
 * <ul>
 *   <li>It starts in some 30 ms and ends at once on SIGTERM.
 *   <li>As a proxy it asks its upstream for {@code /v2/} when it starts, and ends if nobody
 *       answers: the upstream has to be started first.
 *   <li>It writes the access log to its standard output and everything else to its standard error.
 *   <li>Its htpasswd file may hold bcrypt only, hence the fixed account.
 *   <li>It has no referrers API and does not know {@code ?ns=}, which it ignores: so it can stand
 *       behind a mirror entry of containerd.
 * </ul>
 */
public final class DockerRegistry extends Daemon {

  /** The user of {@link Builder#withAccount}. */
  public static final String USER = "weir";

  /** The password of {@link #USER}. */
  public static final String PASSWORD = "secret";

  /** bcrypt of {@link #PASSWORD} with cost 4: the JDK has no bcrypt. */
  private static final String HTPASSWD =
      USER + ":$2b$04$WeirTestsUseThisSaltOeAdJtvVpCVSCGc8DW7rEmSOLONAOQNny";

  private final int port = Ports.free();
  private final boolean hasAccount;
  private final boolean hasTls;
  private final HttpClient client;
  private final AccessLog accessLog = new AccessLog(outputLog());

  private DockerRegistry(Builder builder) {
    super("docker-registry");
    hasAccount = builder.hasAccount;
    hasTls = builder.certificate != null;
    client = httpClient(builder.certificate);
    folder().write("htpasswd", HTPASSWD + "\n");
    folder().write("config.yml", config(builder));
  }

  /** How it is set up. */
  public static final class Builder {
    private @Nullable URI upstream;
    private @Nullable TestCertificate certificate;
    private boolean hasAccount;

    private Builder() {}

    /** A pull-through cache of the registry, as in {@code http://127.0.0.1:5000}. */
    public Builder proxyOf(URI registry) {
      upstream = registry;
      return this;
    }

    /** Asks for {@link #USER} and {@link #PASSWORD}, by Basic authentication. */
    public Builder withAccount() {
      hasAccount = true;
      return this;
    }

    /** Speaks HTTPS only. */
    public Builder tls(TestCertificate newCertificate) {
      certificate = newCertificate;
      return this;
    }

    /** Starts it. */
    public DockerRegistry start() {
      DockerRegistry registry = new DockerRegistry(this);
      registry.startOrClose();
      return registry;
    }
  }

  /** Sets up a registry: empty, anonymous, over HTTP, unless it is told otherwise. */
  public static Builder builder() {
    return new Builder();
  }

  /** An empty, anonymous registry over HTTP. */
  public static DockerRegistry started() {
    return builder().start();
  }

  private String config(Builder builder) {
    StringBuilder config = new StringBuilder();
    config.append(
        """
        version: 0.1
        log: {level: info, accesslog: {disabled: false}}
        storage:
          filesystem: {rootdirectory: %s}
          delete: {enabled: true}
        http:
          addr: 127.0.0.1:%d
          secret: the same after a restart
        """
            .formatted(storage(), port));
    TestCertificate certificate = builder.certificate;
    if (certificate != null) {
      config.append(
          "  tls: {certificate: %s, key: %s}%n"
              .formatted(certificate.certificate(), certificate.key()));
    }
    if (builder.hasAccount) {
      config.append(
          "auth: {htpasswd: {realm: weir, path: %s}}%n".formatted(folder().resolve("htpasswd")));
    }
    if (builder.upstream != null) {
      config.append("proxy: {remoteurl: \"%s\"}%n".formatted(builder.upstream));
    }
    return config.toString();
  }

  private static HttpClient httpClient(@Nullable TestCertificate certificate) {
    HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
    if (certificate != null) {
      builder.sslContext(certificate.trusting());
    }
    return builder.build();
  }

  @Override
  protected Command command() {
    return Command.of("docker-registry", "serve", folder().resolve("config.yml").toString())
        .withHome(folder().path());
  }

  @Override
  protected boolean ready() throws IOException {
    return errorsSinceStart().contains("listening on");
  }

  @Override
  public void close() {
    client.close();
    super.close();
  }

  /** {@code 127.0.0.1:PORT}, as it stands in a reference. */
  public String authority() {
    return "127.0.0.1:" + port;
  }

  /** {@code http://127.0.0.1:PORT}, or with https. */
  public URI uri() {
    return URI.create((hasTls ? "https://" : "http://") + authority());
  }

  /** {@code 127.0.0.1:PORT/REPOSITORY:TAG}. */
  public String reference(String repository, String tag) {
    return authority() + "/" + repository + ":" + tag;
  }

  /** Uploads into it. A proxy refuses uploads. */
  public void push(TestImage image, String repository, String tag) {
    upload().push(image, repository, tag);
  }

  /** What uploads into it, for single blobs. */
  public RegistryUpload upload() {
    Optional<String> authorization =
        hasAccount ? Optional.of(RegistryUpload.basic(USER, PASSWORD)) : Optional.empty();
    return new RegistryUpload(client, uri(), authorization);
  }

  /** The folder of everything it stores. */
  public Path storage() {
    return folder().resolve("storage");
  }

  /** The file of a blob or manifest, to be damaged or removed behind its back. */
  public Path blobFile(Digest digest) {
    return storage()
        .resolve("docker/registry/v2/blobs")
        .resolve(digest.algorithm().id())
        .resolve(digest.hex().substring(0, 2))
        .resolve(digest.hex())
        .resolve("data");
  }

  /**
   * What it was asked, in the order in which the answers ended; without what this harness itself
   * asked. Can also be called while it is stopped.
   */
  public List<LoggedRequest> requests() {
    return isRunning() ? accessLog.requests(client, uri()) : accessLog.requests();
  }

  /**
   * How often it was asked.
   *
   * @param pathPattern a regular expression for the whole path without the query, such as {@code
   *     /v2/.+/blobs/.+}
   */
  public long count(String method, String pathPattern) {
    Pattern pattern = Pattern.compile(pathPattern);
    return requests().stream()
        .filter(request -> request.method().equals(method))
        .filter(request -> pattern.matcher(request.path()).matches())
        .count();
  }

  /** Starts counting anew. */
  public void forgetRequests() {
    requests();
    accessLog.forget();
  }
}
