package io.weir.config;

import static io.weir.config.Entry.Leaf.leaf;

import io.weir.config.Config.Abandoned;
import io.weir.config.Entry.Group;
import io.weir.config.Entry.Items;
import io.weir.config.Entry.Leaf;
import io.weir.config.Entry.Named;
import io.weir.config.TagsConfig.Rule;
import io.weir.config.TagsConfig.StaleIfError;
import io.weir.config.UpstreamConfig.Credentials;
import io.weir.config.UpstreamConfig.SecretSource;
import io.weir.config.UpstreamConfig.Timeouts;
import io.weir.config.UpstreamConfig.Tls;
import io.weir.oci.ImagePattern;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Every key that a configuration may hold: its name, its type, its default, what it does.
 *
 * <p>This is the only place that names them. The reader and its error messages, the JSON Schema,
 * the reference in {@code docs/configuration.md} and the print of the effective configuration all
 * come from here. To add a key: declare it, put it into its section, and take its value where
 * {@link ConfigAssembler} builds the record.
 */
final class ConfigSchema {

  /** The word for {@code default-upstream} that means no upstream. */
  static final String NO_UPSTREAM = "none";

  // registry

  static final Leaf<Config.Registry, Address> REGISTRY_LISTEN =
      leaf(
              "listen",
              Types.ADDRESS,
              always(Config.Registry::listen),
              "The address at which all upstreams answer.")
          .standard(new Address("0.0.0.0", 5000));

  static final Leaf<Config.Registry, String> REGISTRY_DEFAULT_UPSTREAM =
      leaf(
              "default-upstream",
              Types.UPSTREAM_REFERENCE,
              (Config.Registry registry) ->
                  Optional.of(registry.defaultUpstream().orElse(NO_UPSTREAM)),
              "The upstream of a request that names none, by its name or an alias."
                  + " `none` refuses such requests.")
          .standardIs("`docker.io` where that is one of the upstreams, otherwise `none`");

  static final Leaf<Config.Registry, Duration> REGISTRY_SHUTDOWN_GRACE =
      leaf(
              "shutdown-grace",
              Types.DURATION,
              always(Config.Registry::shutdownGrace),
              "How long transfers under way may go on after SIGTERM.")
          .standard(Duration.ofSeconds(30));

  static final Leaf<Config.Tls, Path> REGISTRY_TLS_CERT =
      leaf(
              "cert",
              Types.PATH,
              always(Config.Tls::cert),
              "A PEM file with the certificate chain that clients are shown, the server's own"
                  + " first.")
          .mandatory();

  static final Leaf<Config.Tls, Path> REGISTRY_TLS_KEY =
      leaf(
              "key",
              Types.PATH,
              always(Config.Tls::key),
              "The private key of the first certificate: a PEM file without a password.")
          .mandatory();

  static final Leaf<Config.Tls, Path> REGISTRY_TLS_CLIENT_CA =
      leaf(
              "client-ca",
              Types.PATH,
              Config.Tls::clientCa,
              "A PEM file of certificates. With it a client has to show a certificate that one of"
                  + " them signed, and is the user that it names; where `auth` has `htpasswd` or"
                  + " `anonymous`, it may do without one.")
          .standardIs("none: whoever reaches the port is let in");

  static final Group<Config.Registry, Config.Tls> REGISTRY_TLS =
      new Group<>(
          "tls",
          Section.of(REGISTRY_TLS_CERT, REGISTRY_TLS_KEY, REGISTRY_TLS_CLIENT_CA),
          Config.Registry::tls,
          "none: clients come without TLS",
          "TLS 1.2 and 1.3 on every port that answers pulls. The files are read again when they"
              + " change.");

  static final Leaf<Config.Registry, Boolean> REGISTRY_PREFER_HTTP2 =
      leaf(
              "prefer-http2",
              Types.FLAG,
              always(Config.Registry::preferHttp2),
              "Whether a client that offers both in TLS gets HTTP/2. One TCP connection then carries"
                  + " all the pulls of a node, and each byte costs more.")
          .standard(false);

  static final Leaf<Config.Auth, Path> REGISTRY_AUTH_HTPASSWD =
      leaf(
              "htpasswd",
              Types.PATH,
              Config.Auth::htpasswd,
              "A file with a user and the bcrypt hash of a password in each line, as `htpasswd -B`"
                  + " writes it. It is read again when it has changed.")
          .standardIs("none: only certificates say who somebody is");

  static final Leaf<Config.Allowed, List<ImagePattern>> ALLOWED_REPOSITORIES =
      leaf(
              "allow",
              Types.listOf(Types.REPOSITORY_PATTERN),
              always(Config.Allowed::allow),
              "The repositories that may be pulled, as `UPSTREAM/REPOSITORY`. `*` stands for anything"
                  + " within one component of the name, `**` also across `/`; `'**'` alone is"
                  + " everything. What begins with a star needs quotes.")
          .mandatory();

  private static final Section<Config.Allowed> ALLOWED_SECTION = Section.of(ALLOWED_REPOSITORIES);

  static final Group<Config.Auth, Config.Allowed> REGISTRY_AUTH_ANONYMOUS =
      new Group<>(
          "anonymous",
          ALLOWED_SECTION,
          Config.Auth::anonymous,
          "none: who does not say who it is may pull nothing",
          "What clients may pull that do not say who they are.");

  static final Named<Config.Auth, Config.Allowed> REGISTRY_AUTH_USERS =
      new Named<>(
          "users",
          Types.USER_NAME,
          ALLOWED_SECTION,
          Config.Auth::users,
          "none, and every user may pull everything",
          "What users may pull, by the name in `htpasswd` or in a certificate. `'*'` is every user"
              + " that has no entry of its own; without it these may pull nothing as soon as there"
              + " is an entry. What `anonymous` allows, every user may pull.");

  static final Group<Config.Registry, Config.Auth> REGISTRY_AUTH =
      new Group<>(
          "auth",
          Section.of(REGISTRY_AUTH_HTPASSWD, REGISTRY_AUTH_ANONYMOUS, REGISTRY_AUTH_USERS),
          Config.Registry::auth,
          "none: whoever reaches the port may pull everything",
          "Who may pull what, see [who may pull](who-may-pull.md).");

  private static final Section<Config.Registry> REGISTRY_SECTION =
      Section.of(
          REGISTRY_LISTEN,
          REGISTRY_DEFAULT_UPSTREAM,
          REGISTRY_SHUTDOWN_GRACE,
          REGISTRY_TLS,
          REGISTRY_PREFER_HTTP2,
          REGISTRY_AUTH);

  static final Group<Config, Config.Registry> REGISTRY =
      new Group<>(
          "registry",
          REGISTRY_SECTION,
          always(Config::registry),
          "",
          "The listener that answers pulls.");

  // admin

  static final Leaf<Config.Admin, Address> ADMIN_LISTEN =
      leaf(
              "listen",
              Types.ADDRESS,
              always(Config.Admin::listen),
              "The address of the admin API, `/healthz`, `/readyz` and `/metrics`.")
          .standard(new Address("127.0.0.1", 5001));

  static final Leaf<Config.Admin, Path> ADMIN_TOKEN_FILE =
      leaf(
              "token-file",
              Types.PATH,
              Config.Admin::tokenFile,
              "A file whose content, without a line end, is the bearer token of the admin API."
                  + " Where `listen` is no loopback address it needs one; `/metrics` and health"
                  + " stay open.")
          .standardIs("none");

  static final Group<Config, Config.Admin> ADMIN =
      new Group<>(
          "admin",
          Section.of(ADMIN_LISTEN, ADMIN_TOKEN_FILE),
          always(Config::admin),
          "",
          "The listener for operators.");

  // store

  static final Leaf<Config.Store, Path> STORE_PATH =
      leaf(
              "path",
              Types.PATH,
              always(Config.Store::path),
              "The folder where everything is kept. It is made if it is not there.")
          .standardIs(
              "`/var/lib/weir` as root, otherwise `$XDG_DATA_HOME/weir`, otherwise"
                  + " `~/.local/share/weir`");

  static final Leaf<Config.Store, Size> STORE_MAX_SIZE =
      leaf(
              "max-size",
              Types.LIMIT,
              always(Config.Store::maxSize),
              "The most that is stored, of all upstreams together.")
          .standard(new Size.Percent(80));

  static final Leaf<Config.Store, Size> STORE_MIN_FREE =
      leaf(
              "min-free",
              Types.RESERVE,
              always(Config.Store::minFree),
              "What stays free of the file system, whoever fills it.")
          .standard(new Size.Percent(5));

  static final Group<Config, Config.Store> STORE =
      new Group<>(
          "store",
          Section.of(STORE_PATH, STORE_MAX_SIZE, STORE_MIN_FREE),
          always(Config::store),
          "",
          "Where bytes are kept, and how many. A percentage is of the file system that holds the"
              + " store.");

  // retention, at the top and in each upstream

  static final Leaf<Config.Retention, Duration> RETENTION_TTL =
      leaf(
              "ttl",
              Types.DURATION,
              always(Config.Retention::ttl),
              "How long after its last pull an image stays. `0` is for ever.")
          .standard(Duration.ofDays(7));

  static final Leaf<Config.Retention, Integer> RETENTION_LOW_WATER =
      leaf(
              "low-water",
              Types.LOW_WATER,
              always(Config.Retention::lowWaterPercent),
              "When a limit of size is reached, the images pulled longest ago leave until this part"
                  + " of the limit is taken.")
          .standard(95);

  static final Leaf<Config.Retention, List<ImagePattern>> RETENTION_PINS =
      leaf(
              "pins",
              Types.listOf(Types.IMAGE_PATTERN),
              always(Config.Retention::pins),
              "The images that never leave, as `UPSTREAM/REPOSITORY`, with `:TAG` or `@DIGEST` behind"
                  + " it where not all of the repository is meant. `*` stands for anything within"
                  + " one component or in the tag, `**` also across `/`. What begins with a star"
                  + " needs quotes.")
          .standard(List.of());

  static final Group<Config, Config.Retention> RETENTION =
      new Group<>(
          "retention",
          Section.of(RETENTION_TTL, RETENTION_LOW_WATER, RETENTION_PINS),
          always(Config::retention),
          "",
          "Which images stay.");

  static final Leaf<RetentionConfig, Duration> UPSTREAM_RETENTION_TTL =
      leaf(
              "ttl",
              Types.DURATION,
              always(RetentionConfig::ttl),
              "How long after its last pull an image of this upstream stays. `0` is for ever.")
          .standardIs("as in `retention` at the top");

  static final Leaf<RetentionConfig, Size> UPSTREAM_RETENTION_MAX_SIZE =
      leaf(
              "max-size",
              Types.LIMIT,
              RetentionConfig::maxSize,
              "The most that is stored of this upstream. A percentage is of the file system that"
                  + " holds the store.")
          .standardIs("none beside `store.max-size`");

  // scrub

  static final Leaf<Config.Scrub, Duration> SCRUB_INTERVAL =
      leaf(
              "interval",
              Types.DURATION,
              always(Config.Scrub::interval),
              "The time in which all that is stored is read and hashed again once. `0` is never.")
          .standard(Duration.ofDays(30));

  static final Leaf<Config.Scrub, Long> SCRUB_BANDWIDTH =
      leaf(
              "bandwidth",
              Types.BANDWIDTH,
              always(Config.Scrub::bytesPerSecond),
              "The most that is read for it in a second. It wins over `interval`.")
          .standard(20L << 20);

  static final Leaf<Config.Scrub, Boolean> SCRUB_VERIFY_ON_READ =
      leaf(
              "verify-on-read",
              Types.FLAG,
              always(Config.Scrub::verifyOnRead),
              "Whether bytes are also hashed again each time they are served.")
          .standard(false);

  static final Group<Config, Config.Scrub> SCRUB =
      new Group<>(
          "scrub",
          Section.of(SCRUB_INTERVAL, SCRUB_BANDWIDTH, SCRUB_VERIFY_ON_READ),
          always(Config::scrub),
          "",
          "How stored bytes are verified again.");

  // cache

  static final Leaf<Config.Cache, Abandoned> CACHE_ABANDONED =
      leaf(
              "abandoned",
              Types.ABANDONED,
              always(Config.Cache::abandoned),
              "What becomes of a fetch that every client has left: `finish` stores it for the next"
                  + " one, `stop` saves the bandwidth.")
          .standard(Abandoned.FINISH);

  static final Leaf<Config.Cache, Integer> CACHE_PREFETCH =
      leaf(
              "prefetch",
              Types.COUNT,
              always(Config.Cache::prefetch),
              "How many blobs of one upstream are fetched ahead of their requests at the same time,"
                  + " from when a client has got the manifest that lists them; never more than a"
                  + " quarter of `upstreams.NAME.connections`. `0` fetches none ahead: for caches"
                  + " in front of which scanners and update bots read many manifests.")
          .standard(4);

  static final Leaf<Config.Cache, Integer> CACHE_CONNECTIONS_PER_BLOB =
      leaf(
              "connections-per-blob",
              Types.CONNECTIONS,
              always(Config.Cache::connectionsPerBlob),
              "Over how many connections a large blob may come at the same time, where each of them"
                  + " is slower than the upstream, as with content delivery networks; that is found"
                  + " out by trying. They count as `upstreams.NAME.connections`, and take none that"
                  + " another request waits for. `1` is always one.")
          .standard(8);

  static final Group<Config, Config.Cache> CACHE =
      new Group<>(
          "cache",
          Section.of(CACHE_ABANDONED, CACHE_PREFETCH, CACHE_CONNECTIONS_PER_BLOB),
          always(Config::cache),
          "",
          "How fetches behave.");

  // tracing

  static final Leaf<Config.Tracing, URI> TRACING_ENDPOINT =
      leaf(
              "endpoint",
              Types.COLLECTOR_URL,
              Config.Tracing::endpoint,
              "Where an OpenTelemetry collector, or whatever takes OTLP over HTTP, is. `/v1/traces` is"
                  + " put behind it.")
          .standardIs("what `OTEL_EXPORTER_OTLP_ENDPOINT` says, otherwise none: no traces");

  static final Leaf<Config.Tracing, Double> TRACING_SAMPLE_RATIO =
      leaf(
              "sample-ratio",
              Types.RATIO,
              Config.Tracing::sampleRatio,
              "The part of the requests that are traced, of those that do not say it themselves: a"
                  + " request that comes with a trace is a part of that, and traced if that is.")
          .standardIs("what `OTEL_TRACES_SAMPLER` says, otherwise `1`");

  static final Leaf<Config.Tracing, String> TRACING_SERVICE_NAME =
      leaf(
              "service-name",
              Types.TEXT,
              Config.Tracing::serviceName,
              "What this server is called in traces.")
          .standardIs("what `OTEL_SERVICE_NAME` says, otherwise `weir`");

  static final Group<Config, Config.Tracing> TRACING =
      new Group<>(
          "tracing",
          Section.of(TRACING_ENDPOINT, TRACING_SAMPLE_RATIO, TRACING_SERVICE_NAME),
          config ->
              Optional.of(config.tracing()).filter(said -> !said.equals(Config.Tracing.DEFAULT)),
          "",
          "Traces of pulls, see [tracing](tracing.md). These keys win over the variables of"
              + " OpenTelemetry, of which the others hold, too.");

  // tags, at the top and in each upstream

  static final Leaf<TagsConfig, Duration> TAGS_REFRESH =
      leaf(
              "refresh",
              Types.DURATION,
              always(TagsConfig::refresh),
              "Within this time a tag is answered without asking upstream. `0` always asks.")
          .standard(Duration.ofMinutes(1));

  static final Leaf<TagsConfig, StaleIfError> TAGS_STALE_IF_ERROR =
      leaf(
              "stale-if-error",
              Types.STALE_IF_ERROR,
              always(TagsConfig::staleIfError),
              "How long after its last check a tag is still answered while upstream fails.")
          .standard(StaleIfError.ALWAYS);

  static final Leaf<Rule, Pattern> RULE_MATCH =
      leaf(
              "match",
              Types.REGEX,
              always(Rule::match),
              "A Java regular expression that is found anywhere in the tag; `^` and `$` tie it to"
                  + " its ends.")
          .mandatory();

  static final Leaf<Rule, Duration> RULE_REFRESH =
      leaf("refresh", Types.DURATION, always(Rule::refresh), "Takes the place of `refresh`.")
          .mandatory();

  static final Items<TagsConfig, Rule> TAGS_RULES =
      new Items<>(
          "rules",
          Section.of(RULE_MATCH, RULE_REFRESH),
          TagsConfig::rules,
          "Exceptions to `refresh`. The first rule that matches the tag decides.");

  private static final Section<TagsConfig> TAGS_SECTION =
      Section.of(TAGS_REFRESH, TAGS_STALE_IF_ERROR, TAGS_RULES);

  static final Group<Config, TagsConfig> TAGS =
      new Group<>("tags", TAGS_SECTION, always(Config::tags), "", "How long a tag is believed.");

  // upstreams

  static final Leaf<UpstreamConfig, URI> URL =
      leaf(
              "url",
              Types.REGISTRY_URL,
              (UpstreamConfig upstream) ->
                  upstream.urls().size() == 1
                      ? Optional.of(upstream.urls().getFirst())
                      : Optional.empty(),
              "Where the registry is. A path is the beginning of every repository name there.")
          .standardIs(
              "`https://NAME` where the name is a host, `https://registry-1.docker.io` for"
                  + " `docker.io`; any other name needs it");

  static final Leaf<UpstreamConfig, List<URI>> URLS =
      leaf(
          "urls",
          Types.listOf(Types.REGISTRY_URL),
          upstream -> upstream.urls().size() == 1 ? Optional.empty() : Optional.of(upstream.urls()),
          "Instead of `url`: several places of the same content, in order. The next is used when one"
              + " fails.");

  static final Leaf<UpstreamConfig, List<String>> ALIASES =
      leaf(
              "aliases",
              Types.listOf(Types.ALIAS),
              always(UpstreamConfig::aliases),
              "Other names of the upstream, as the first segment of a path and in `ns`. Some clients"
                  + " need one without dots, and a name with a port needs one without.")
          .standardIs("none; `docker.io` has `index.docker.io` and `registry-1.docker.io` besides");

  static final Leaf<UpstreamConfig, List<String>> HOSTS =
      leaf(
              "hosts",
              Types.listOf(Types.HOST),
              always(UpstreamConfig::hosts),
              "Requests whose `Host` is one of these names mean this upstream.")
          .standard(List.of());

  static final Leaf<UpstreamConfig, Address> LISTEN =
      leaf(
              "listen",
              Types.ADDRESS,
              UpstreamConfig::listen,
              "An address at which only this upstream answers, beside the common one.")
          .standardIs("none");

  static final Leaf<Credentials, String> USERNAME =
      leaf(
          "username",
          Types.TEXT,
          credentials -> login(credentials).map(Credentials.Login::username),
          "The user, as the registry knows it. Needs `password-file` or `password-env`.");

  static final Leaf<Credentials, Path> PASSWORD_FILE =
      leaf(
          "password-file",
          Types.PATH,
          credentials ->
              login(credentials)
                  .map(Credentials.Login::password)
                  .filter(SecretSource.InFile.class::isInstance)
                  .map(secret -> ((SecretSource.InFile) secret).path()),
          "A file whose content, without a line end, is the password.");

  static final Leaf<Credentials, String> PASSWORD_ENV =
      leaf(
          "password-env",
          Types.VARIABLE,
          credentials ->
              login(credentials)
                  .map(Credentials.Login::password)
                  .filter(SecretSource.InEnvironment.class::isInstance)
                  .map(secret -> ((SecretSource.InEnvironment) secret).variable()),
          "An environment variable whose value is the password.");

  static final Leaf<Credentials, Path> DOCKER_CONFIG =
      leaf(
          "docker-config",
          Types.PATH,
          credentials ->
              credentials instanceof Credentials.DockerConfig docker
                  ? Optional.of(docker.path())
                  : Optional.empty(),
          "Instead of these: a Docker `config.json` or a Kubernetes pull secret that knows this"
              + " registry, by `credHelpers`, `auths` or `credsStore`. See"
              + " [credentials](credentials.md).");

  static final Leaf<Credentials, List<String>> EXEC =
      leaf(
          "exec",
          Types.listOf(Types.ARGUMENT),
          credentials ->
              credentials instanceof Credentials.Exec exec
                  ? Optional.of(exec.shown())
                  : Optional.empty(),
          "Instead of these: a program and its arguments, such as `[docker-credential-ecr-login,"
              + " get]`, that speaks the protocol of Docker's credential helpers. It is run without"
              + " a shell. `config check` prints `***` for arguments.");

  static final Leaf<Credentials, Duration> CREDENTIALS_REFRESH =
      leaf(
              "refresh",
              Types.REFRESH,
              ConfigSchema::refresh,
              "How long the answer of a helper is used, of `exec` or of `docker-config`. It is asked"
                  + " again a fifth of that earlier, while pulls go on, and where a registry refuses"
                  + " what it gave.")
          .standard(Duration.ofMinutes(30));

  static final Group<UpstreamConfig, Credentials> CREDENTIALS =
      new Group<>(
          "credentials",
          Section.of(
              USERNAME, PASSWORD_FILE, PASSWORD_ENV, DOCKER_CONFIG, EXEC, CREDENTIALS_REFRESH),
          UpstreamConfig::credentials,
          "",
          "Who the server is at this upstream. The secrets themselves never stand in this file.");

  static final Leaf<UpstreamConfig, Boolean> ALLOW_ANONYMOUS =
      leaf(
              "allow-anonymous",
              Types.FLAG,
              always(UpstreamConfig::allowAnonymous),
              "Whether clients that do not say who they are may read what `credentials` can."
                  + " Without it, an upstream with credentials is served to such clients on loopback"
                  + " addresses only; any other `listen` is refused, unless clients have to say who"
                  + " they are (`registry.auth`, `registry.tls.client-ca`).")
          .standard(false);

  static final Leaf<UpstreamConfig, List<String>> TOKEN_REALMS =
      leaf(
              "token-realms",
              Types.listOf(Types.HOST_WITH_PORT),
              always(UpstreamConfig::tokenRealms),
              "Hosts, beside the registry's own, whose token service may be shown the credentials.")
          .standardIs(
              "none; `docker.io` has `auth.docker.io` besides, `registry.gitlab.com` has"
                  + " `gitlab.com`");

  static final Leaf<Tls, Path> TLS_CA =
      leaf(
              "ca",
              Types.PATH,
              (Tls tls) -> Optional.ofNullable(tls.ca()),
              "A PEM file of certificates. Only what they sign is trusted.")
          .standardIs("the certificates that come with the JDK");

  static final Leaf<Tls, Path> TLS_CLIENT_CERT =
      leaf(
          "client-cert",
          Types.PATH,
          tls -> Optional.ofNullable(tls.clientCert()),
          "A PEM file with the certificate chain that this server shows. Needs `client-key`.");

  static final Leaf<Tls, Path> TLS_CLIENT_KEY =
      leaf(
          "client-key",
          Types.PATH,
          tls -> Optional.ofNullable(tls.clientKey()),
          "The private key of `client-cert`: a PEM file, PKCS #8.");

  static final Leaf<Tls, Boolean> TLS_INSECURE_SKIP_VERIFY =
      leaf(
              "insecure-skip-verify",
              Types.FLAG,
              always(Tls::insecureSkipVerify),
              "Whether any certificate is taken. Whoever is on the way can then read the credentials"
                  + " and change what a tag means.")
          .standard(Tls.DEFAULT.insecureSkipVerify());

  static final Group<UpstreamConfig, Tls> UPSTREAM_TLS =
      new Group<>(
          "tls",
          Section.of(TLS_CA, TLS_CLIENT_CERT, TLS_CLIENT_KEY, TLS_INSECURE_SKIP_VERIFY),
          always(UpstreamConfig::tls),
          "",
          "How the connection to the upstream is trusted. The files are read again when they change.");

  static final Leaf<UpstreamConfig, URI> PROXY =
      leaf(
              "proxy",
              Types.PROXY_URL,
              UpstreamConfig::proxy,
              "The HTTP proxy by which the upstream is reached.")
          .standardIs("what `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say");

  static final Leaf<UpstreamConfig, List<String>> ALLOW =
      leaf(
              "allow",
              Types.listOf(Types.GLOB),
              always(UpstreamConfig::allow),
              "The repositories that may be pulled. `*` stands for anything within one component of"
                  + " the name, `**` also across `/`.")
          .standardIs("all");

  static final Leaf<UpstreamConfig, List<String>> DENY =
      leaf(
              "deny",
              Types.listOf(Types.GLOB),
              always(UpstreamConfig::deny),
              "The repositories that may not be pulled. Wins over `allow`.")
          .standard(List.of());

  static final Leaf<UpstreamConfig, Integer> CONNECTIONS =
      leaf(
              "connections",
              Types.CONNECTIONS,
              always(UpstreamConfig::connections),
              "How many requests may be under way to the upstream at the same time.")
          .standard(32);

  static final Leaf<Timeouts, Duration> TIMEOUT_CONNECT =
      leaf(
              "connect",
              Types.TIME_LIMIT,
              always(Timeouts::connect),
              "For looking up the name, TCP and TLS.")
          .standard(Timeouts.DEFAULT.connect());

  static final Leaf<Timeouts, Duration> TIMEOUT_RESPONSE =
      leaf(
              "response",
              Types.TIME_LIMIT,
              always(Timeouts::response),
              "From the end of a request to the head of its answer.")
          .standard(Timeouts.DEFAULT.response());

  static final Leaf<Timeouts, Duration> TIMEOUT_STALL =
      leaf(
              "stall",
              Types.TIME_LIMIT,
              always(Timeouts::stall),
              "Between two pieces of a body. A long body has no other limit.")
          .standard(Timeouts.DEFAULT.stall());

  static final Group<UpstreamConfig, Timeouts> TIMEOUTS =
      new Group<>(
          "timeouts",
          Section.of(TIMEOUT_CONNECT, TIMEOUT_RESPONSE, TIMEOUT_STALL),
          always(UpstreamConfig::timeouts),
          "",
          "How long the upstream is waited for.");

  static final Group<UpstreamConfig, TagsConfig> UPSTREAM_TAGS =
      new Group<>(
          "tags",
          TAGS_SECTION,
          always(UpstreamConfig::tags),
          "as in `tags` at the top, key by key",
          "How long a tag of this upstream is believed.");

  static final Group<UpstreamConfig, RetentionConfig> UPSTREAM_RETENTION =
      new Group<>(
          "retention",
          Section.of(UPSTREAM_RETENTION_TTL, UPSTREAM_RETENTION_MAX_SIZE),
          always(UpstreamConfig::retention),
          "",
          "Which images of this upstream stay.");

  private static final Section<UpstreamConfig> UPSTREAM_SECTION =
      Section.of(
          URL,
          URLS,
          ALIASES,
          HOSTS,
          LISTEN,
          CREDENTIALS,
          ALLOW_ANONYMOUS,
          TOKEN_REALMS,
          UPSTREAM_TLS,
          PROXY,
          ALLOW,
          DENY,
          CONNECTIONS,
          TIMEOUTS,
          UPSTREAM_TAGS,
          UPSTREAM_RETENTION);

  static final Named<Config, UpstreamConfig> UPSTREAMS =
      new Named<>(
          "upstreams",
          Types.UPSTREAM_NAME,
          UPSTREAM_SECTION,
          Config::upstreams,
          "`" + String.join("`, `", WellKnownUpstreams.STANDARD) + "`",
          "The registries in front of which the server stands, by the name that requests and metrics"
              + " give them. A list here takes the place of the default one. A name that is a host"
              + " needs nothing after it.");

  /** The whole document. */
  static final Section<Config> ROOT =
      Section.of(REGISTRY, ADMIN, STORE, RETENTION, SCRUB, CACHE, TRACING, TAGS, UPSTREAMS);

  private ConfigSchema() {}

  private static <O, T> Function<O, Optional<T>> always(Function<O, T> getter) {
    return owner -> Optional.of(getter.apply(owner));
  }

  private static Optional<Credentials.Login> login(Credentials credentials) {
    return credentials instanceof Credentials.Login login ? Optional.of(login) : Optional.empty();
  }

  private static Optional<Duration> refresh(Credentials credentials) {
    return switch (credentials) {
      case Credentials.Login _ -> Optional.empty();
      case Credentials.DockerConfig docker -> Optional.of(docker.refresh());
      case Credentials.Exec exec -> Optional.of(exec.refresh());
    };
  }
}
