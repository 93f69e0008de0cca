package io.weir.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.weir.config.TagsConfig;
import io.weir.metrics.Kind;
import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.MediaType;
import io.weir.oci.OciException;
import io.weir.oci.Origin;
import io.weir.oci.Tag;
import io.weir.store.Index;
import io.weir.store.Store;
import io.weir.upstream.RemoteDocument;
import io.weir.upstream.RemoteManifest;
import io.weir.upstream.Upstream;
import io.weir.upstream.UpstreamException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lists that change: the tags of a repository, and the referrers of a manifest.
 *
 * <p>A list is fetched whole, page after page, kept as one JSON document, believed for the
 * upstream's {@code tags.refresh}, and served while upstream fails as {@code tags.stale-if-error}
 * allows. Clients' own paging and filters are applied to the kept document, so they work the same
 * for every upstream, and still work when it is gone.
 */
final class Documents {

  private static final JsonMapper JSON = JsonMapper.shared();

  private static final String TAGS_PER_PAGE = "1000";
  private static final int PAGES_MAX = 500;
  private static final int ENTRIES_MAX = 500_000;

  private static final int RECENT_BYTES_MAX = 4 << 20;
  private static final int OVERHEAD_BYTES = 200;

  private final Index index;
  private final Flights flights;
  private final FailureMemory failures;
  private final InstantSource clock;

  /** Lists that came a moment ago: the index has them soon, or not at all on a full disk. */
  private final Cache<Question, Index.DocumentRow> recent =
      Caffeine.newBuilder()
          .maximumWeight(RECENT_BYTES_MAX)
          .weigher((Question _, Index.DocumentRow row) -> row.content().length + OVERHEAD_BYTES)
          .executor(Runnable::run)
          .build();

  Documents(Store store, Flights flights, FailureMemory failures, InstantSource clock) {
    this.index = store.index();
    this.flights = flights;
    this.failures = failures;
    this.clock = clock;
  }

  private record Answer(JsonNode document, CacheStatus status) {}

  /**
   * All tags, in upstream's order.
   *
   * @throws UpstreamException where upstream does not give them and none are kept
   */
  TagList tags(Upstream upstream, Origin origin) {
    Answer answer =
        answer(
            upstream, new Question(Kind.TAGS, origin, "tags"), () -> fetchTags(upstream, origin));
    List<String> tags = new ArrayList<>();
    answer.document().forEach(tag -> tags.add(tag.asString()));
    return new TagList(tags, answer.status());
  }

  /**
   * The descriptors of all that refers to {@code digest}: an OCI index, empty where nothing does.
   *
   * @throws UpstreamException where upstream does not answer and nothing is kept
   */
  Referrers referrers(Upstream upstream, Origin origin, Digest digest) {
    Answer answer =
        answer(
            upstream,
            new Question(Kind.REFERRERS, origin, "referrers/" + digest),
            () -> fetchReferrers(upstream, origin, digest));
    return new Referrers((ArrayNode) answer.document(), answer.status());
  }

  private Index.@Nullable DocumentRow kept(Question question) {
    Index.DocumentRow row = recent.getIfPresent(question);
    return row != null ? row : index.document(question.origin(), question.subject()).orElse(null);
  }

  private void keep(Question question, Index.DocumentRow row) {
    recent.put(question, row);
    index.putDocument(question.origin(), question.subject(), row.content(), row.checkedAt());
  }

  private Answer answer(Upstream upstream, Question question, Supplier<ArrayNode> fetch) {
    TagsConfig config = upstream.config().tags();
    Index.DocumentRow row = kept(question);
    if (row == null) {
      return ask(question, fetch);
    }
    Freshness freshness =
        Freshness.of(row.checkedAt(), clock.instant(), config.refresh(), config.staleIfError());
    if (freshness.isFresh()) {
      return new Answer(parse(row), freshness.asFresh());
    }
    try {
      return ask(question, fetch);
    } catch (UpstreamException e) {
      if (e.kind() == UpstreamException.Kind.NOT_FOUND || !freshness.mayBeStale()) {
        throw e;
      }
      return new Answer(parse(row), freshness.asStale());
    }
  }

  private Answer ask(Question question, Supplier<ArrayNode> fetch) {
    Flights.Landing<ArrayNode> landing =
        flights.fly(
            question,
            () -> {
              ArrayNode entries = failures.recalling(question, fetch);
              keep(
                  question,
                  new Index.DocumentRow(JSON.writeValueAsBytes(entries), clock.instant()));
              return entries;
            });
    return new Answer(
        landing.value(), landing.joined() ? CacheStatus.COLLAPSED : CacheStatus.STORED);
  }

  private static ArrayNode parse(Index.DocumentRow row) {
    return (ArrayNode) JSON.readTree(row.content());
  }

  private ArrayNode fetchTags(Upstream upstream, Origin origin) {
    RemoteDocument first = upstream.tags(origin.repository(), TAGS_PER_PAGE, null);
    return allPages(upstream, origin, Kind.TAGS, first, page -> page.path("tags"));
  }

  private ArrayNode fetchReferrers(Upstream upstream, Origin origin, Digest digest) {
    try {
      RemoteDocument first = upstream.referrers(origin.repository(), digest);
      return allPages(upstream, origin, Kind.REFERRERS, first, page -> page.path("manifests"));
    } catch (UpstreamException e) {
      if (e.kind() != UpstreamException.Kind.NOT_FOUND) {
        throw e;
      }
      return referrersByTag(upstream, origin, digest); // no such API there
    }
  }

  /**
   * The referrers that clients of a registry without the API keep under a tag made from the digest.
   *
   * @see <a
   *     href="https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema">
   *     distribution-spec 1.1.1, referrers tag schema</a>
   */
  private static ArrayNode referrersByTag(Upstream upstream, Origin origin, Digest digest) {
    String hex = digest.hex();
    Tag tag = new Tag(digest.algorithm().id() + '-' + hex.substring(0, Math.min(64, hex.length())));
    RemoteManifest remote;
    try {
      remote = upstream.getManifest(origin.repository(), tag);
    } catch (UpstreamException e) {
      if (e.kind() != UpstreamException.Kind.NOT_FOUND) {
        throw e;
      }
      return JSON.createArrayNode();
    }
    try {
      // Some registries answer this tag with the subject itself: only an index counts.
      if (Manifest.parse(remote.content(), remote.contentType())
              .mediaType()
              .equals(MediaType.OCI_INDEX)
          && JSON.readTree(remote.content()).path("manifests") instanceof ArrayNode manifests) {
        return manifests;
      }
    } catch (OciException _) {
      // not a manifest: nothing refers
    }
    return JSON.createArrayNode();
  }

  private static ArrayNode allPages(
      Upstream upstream,
      Origin origin,
      Kind kind,
      RemoteDocument first,
      UnaryOperator<JsonNode> entriesOf) {
    ArrayNode all = JSON.createArrayNode();
    RemoteDocument page = first;
    for (int pages = 1; ; pages++) {
      entriesOf.apply(tree(upstream, page)).forEach(all::add);
      String next = page.next();
      if (next == null) {
        return all;
      }
      if (pages == PAGES_MAX || all.size() > ENTRIES_MAX) {
        throw new UpstreamException(
            UpstreamException.Kind.INVALID, upstream.name() + ": the list has no end");
      }
      page = upstream.follow(origin.repository(), kind, next);
    }
  }

  private static ObjectNode tree(Upstream upstream, RemoteDocument page) {
    try {
      if (JSON.readTree(page.content()) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException _) {
      // reported below, like any other document that is none
    }
    throw new UpstreamException(
        UpstreamException.Kind.INVALID, upstream.name() + ": the list is not a JSON object");
  }
}
