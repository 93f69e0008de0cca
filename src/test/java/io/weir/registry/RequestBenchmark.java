package io.weir.registry;

import io.weir.config.Config;
import io.weir.config.ConfigLoader;
import io.weir.config.Overrides;
import io.weir.config.Surroundings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What it costs to understand a request: its query, its path, and what both mean. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RequestBenchmark {

  private static final Addressing ADDRESSING = new Addressing(defaults());
  private static final String HOST = "weir.example.net:5000";

  /** As containerd asks, as podman does, and as a plain reference does. */
  @Param({
    "/v2/library/nginx/manifests/1.27?ns=docker.io",
    "/v2/quay.io/podman/hello/blobs/sha256:6c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3b",
    "/v2/library/nginx/manifests/latest"
  })
  public String uri = "";

  private static Config defaults() {
    return new ConfigLoader(Surroundings.ofProcess(Map.of()))
        .parse("", "the defaults", Path.of(""), Overrides.NONE);
  }

  @Benchmark
  public Object query() {
    return Query.parse(uri);
  }

  @Benchmark
  public Object path() {
    int question = uri.indexOf('?');
    return RequestPath.parse(question < 0 ? uri : uri.substring(0, question));
  }

  /** All of it, to the upstream and the repository. */
  @Benchmark
  public Object target() {
    Query query = Query.parse(uri);
    List<String> namespaces = query.namespaces();
    return ADDRESSING.resolve(null, HOST, namespaces, RequestPath.parse(query.rawPath()));
  }
}
