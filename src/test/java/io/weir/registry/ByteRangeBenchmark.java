package io.weir.registry;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What a Range header costs, up to the slice of a blob of a gibibyte. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ByteRangeBenchmark {

  private static final long SIZE_BYTES = 1 << 30;

  @Param({"bytes=0-1048575", "bytes=536870912-", "bytes=-4096"})
  public String header = "";

  @Benchmark
  public Object slice() {
    return Objects.requireNonNull(ByteRange.parse(header)).within(SIZE_BYTES);
  }
}
