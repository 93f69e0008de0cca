package io.weir.metrics;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What it costs to count one answer, as the registry server does. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MetricsBenchmark {

  private final Metrics metrics = new Metrics("benchmark");

  @Benchmark
  public void countAnswer() {
    metrics.request("docker.io", Kind.MANIFEST, Outcome.HIT, 0.00012);
    metrics.sent("docker.io", true, 3000);
    metrics.firstByte("docker.io", Kind.MANIFEST, 0.0001);
  }
}
