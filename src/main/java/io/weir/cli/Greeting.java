package io.weir.cli;

import io.weir.Version;
import io.weir.Weir;
import io.weir.config.Address;
import io.weir.config.Config;
import io.weir.config.ConfigLoader.Loaded;
import io.weir.config.UpstreamConfig;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code serve} prints when it is ready: where everything is, a first thing to try, and how
 * nodes are pointed here.
 */
final class Greeting {

  private Greeting() {}

  static String of(Loaded loaded, Weir weir) {
    Config config = loaded.config();
    List<String> lines = new ArrayList<>();
    lines.add("weir " + Version.current() + " is ready");
    lines.add(
        "  pulls      " + scheme(config) + url(config.registry().listen(), weir.registryAddress()));
    weir.upstreamAddresses().forEach((name, address) -> lines.add(own(config, name, address)));
    lines.add(
        "  operators  http://"
            + url(config.admin().listen(), weir.adminAddress())
            + "/ in a browser; /api/v1, /metrics, /healthz, /readyz");
    lines.add("  store      " + config.store().path());
    lines.add("  config     " + loaded.file().map(Path::toString).orElse("none, the defaults"));
    lines.add("  upstreams  " + String.join(", ", config.upstreams().keySet()));
    lines.add("  nodes      weir client-config" + option(loaded) + " shows how to point them here");
    lines.add("  try        " + trial(config, weir.registryAddress()));
    return String.join(System.lineSeparator(), lines) + System.lineSeparator();
  }

  private static String own(Config config, String name, InetSocketAddress address) {
    UpstreamConfig upstream = config.upstreams().get(name);
    Address asked =
        upstream == null
            ? config.registry().listen()
            : upstream.listen().orElse(config.registry().listen());
    return "             " + scheme(config) + url(asked, address) + " for " + name;
  }

  private static String scheme(Config config) {
    return config.registry().tls().isPresent() ? "https://" : "http://";
  }

  /** The host as it was asked for, because every system spells "everywhere" in its own way. */
  private static String url(Address asked, InetSocketAddress bound) {
    return new Address(asked.host(), bound.getPort()).toString();
  }

  /** A pull that works as it stands, if there is Docker Hub; otherwise one with a gap to fill. */
  private static String trial(Config config, InetSocketAddress registry) {
    String image =
        config.upstreams().containsKey("docker.io")
            ? "docker.io/library/alpine"
            : inPaths(config.upstreams().values().iterator().next()) + "/REPOSITORY:TAG";
    return "skopeo inspect --tls-verify=false docker://" + fromHere(registry) + '/' + image;
  }

  private static String option(Loaded loaded) {
    return loaded.file().map(file -> " --config " + file).orElse("");
  }

  private static Address fromHere(InetSocketAddress listener) {
    boolean everywhere = listener.getAddress() != null && listener.getAddress().isAnyLocalAddress();
    return new Address(everywhere ? "localhost" : listener.getHostString(), listener.getPort());
  }

  /** The upstream's name as it can stand in a path: without a port. */
  private static String inPaths(UpstreamConfig upstream) {
    return upstream.name().indexOf(':') < 0 ? upstream.name() : upstream.aliases().getFirst();
  }
}
