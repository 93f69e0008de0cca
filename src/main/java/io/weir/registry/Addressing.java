package io.weir.registry;

import io.weir.config.Config;
import io.weir.config.UpstreamConfig;
import io.weir.oci.Digest;
import io.weir.oci.ErrorCode;
import io.weir.oci.OciException;
import io.weir.oci.Origin;
import io.weir.oci.Reference;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a request names its upstream. The first that applies decides:
 *
 * <ol>
 *   <li>the listener: a port of the upstream's own
 *   <li>the Host header: a name in {@code upstreams.NAME.hosts}
 *   <li>{@code ?ns=}: a name or an alias, or the host of a URL of an upstream whose name is none,
 *       because that is what containerd calls it; the path may name the same upstream once more
 *   <li>the path: its first segment is a name or an alias, behind {@code /v2/} or in front of it
 *   <li>{@code registry.default-upstream}
 * </ol>
 *
 * The world is closed: only configured names are found, nothing is guessed from a dot, and a name
 * that is not found is an error before anyone is dialled. Immutable.
 */
final class Addressing {

  private final Map<String, UpstreamConfig> byName = new HashMap<>();
  private final Map<String, UpstreamConfig> byNamespace = new HashMap<>();
  private final Map<String, UpstreamConfig> byHost = new HashMap<>();
  private final @Nullable UpstreamConfig byDefault;

  Addressing(Config config) {
    for (UpstreamConfig upstream : config.upstreams().values()) {
      byName.put(upstream.name(), upstream);
      upstream.aliases().forEach(alias -> byName.put(alias, upstream));
      upstream.hosts().forEach(host -> byHost.put(host.toLowerCase(Locale.ROOT), upstream));
    }
    byNamespace.putAll(byName);
    for (UpstreamConfig upstream : config.upstreams().values()) {
      upstream.sources().stream()
          .map(UpstreamConfig.Source::reference)
          .filter(reference -> reference.indexOf('/') < 0)
          .forEach(host -> byNamespace.putIfAbsent(host, upstream));
    }
    this.byDefault = config.registry().defaultUpstream().map(config.upstreams()::get).orElse(null);
  }

  /**
   * What a request means.
   *
   * @param listener the upstream whose own port the request came to, or null
   * @param host the Host header, or null
   * @param namespaces all values of {@code ns} in the query, decoded
   * @param path the request's path
   * @throws OciException {@code NAME_UNKNOWN} where an upstream is named that is not configured,
   *     {@code NAME_INVALID} and {@code DIGEST_INVALID} for what breaks the grammar, {@code DENIED}
   *     for a repository that the configuration closes
   */
  Target resolve(
      @Nullable String listener, @Nullable String host, List<String> namespaces, RequestPath path) {
    UpstreamConfig fixed = fixedUpstream(listener, host, namespaces);
    if (path.prefix() != null) {
      UpstreamConfig prefixed = named(path.prefix());
      if (fixed != null && !fixed.equals(prefixed)) {
        throw new OciException(
            ErrorCode.NAME_INVALID, "the path names another upstream than the request does");
      }
      fixed = prefixed;
    }
    return switch (path.endpoint()) {
      case PING -> new Target.Ping();
      case CATALOG -> new Target.Catalog(fixed == null ? null : fixed.name());
      case MANIFEST ->
          new Target.Manifest(origin(fixed, namespaces, path), Reference.parse(path.reference()));
      case BLOB -> new Target.Blob(origin(fixed, namespaces, path), Digest.parse(path.reference()));
      case REFERRERS ->
          new Target.Referrers(origin(fixed, namespaces, path), Digest.parse(path.reference()));
      case TAGS -> new Target.Tags(origin(fixed, namespaces, path), path.name());
    };
  }

  private @Nullable UpstreamConfig fixedUpstream(
      @Nullable String listener, @Nullable String host, List<String> namespaces) {
    if (listener != null) {
      return named(listener);
    }
    UpstreamConfig hosted = host == null ? null : byHost.get(withoutPort(host));
    if (hosted != null) {
      return hosted;
    }
    if (namespaces.isEmpty()) {
      return null;
    }
    UpstreamConfig upstream = namespace(namespaces.getFirst());
    for (String other : namespaces) {
      if (!namespace(other).equals(upstream)) {
        throw new OciException(ErrorCode.NAME_INVALID, "the request has more than one ns");
      }
    }
    return upstream;
  }

  private UpstreamConfig named(String name) {
    return known(byName.get(name));
  }

  private UpstreamConfig namespace(String name) {
    return known(byNamespace.get(name));
  }

  private static UpstreamConfig known(@Nullable UpstreamConfig upstream) {
    if (upstream == null) {
      throw new OciException(ErrorCode.NAME_UNKNOWN, "no upstream of that name is configured here");
    }
    return upstream;
  }

  private Origin origin(@Nullable UpstreamConfig fixed, List<String> namespaces, RequestPath path) {
    String name = path.name();
    UpstreamConfig upstream = fixed;
    boolean mayRepeat = fixed == null || !namespaces.isEmpty();
    int slash = name.indexOf('/');
    UpstreamConfig first =
        mayRepeat ? byName.get(slash < 0 ? name : name.substring(0, slash)) : null;
    if (first != null && (fixed == null || fixed.equals(first))) {
      if (slash < 0) {
        throw new OciException(
            ErrorCode.NAME_INVALID, "the path names an upstream and no repository there");
      }
      upstream = first;
      name = name.substring(slash + 1);
    }
    if (upstream == null) {
      upstream = byDefault;
    }
    if (upstream == null) {
      throw new OciException(
          ErrorCode.NAME_UNKNOWN,
          "the request names no configured upstream, and there is no default one");
    }
    return upstream.origin(name);
  }

  private static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    boolean hasPort = colon > host.lastIndexOf(']');
    return (hasPort ? host.substring(0, colon) : host).toLowerCase(Locale.ROOT);
  }
}
