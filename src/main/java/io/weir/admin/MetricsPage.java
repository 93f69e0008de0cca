package io.weir.admin;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What {@code /metrics} shows: the server's own metrics, and those of the JVM and the process.
 * Thread-safe: one page is written at a time.
 */
final class MetricsPage {

  /** The page as it goes to the client, in the format that the client asked for. */
  @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
  record Page(String contentType, byte[] content) {}

  private final PrometheusRegistry registry;
  private final ExpositionFormats formats = ExpositionFormats.init();

  @GuardedBy("this") private boolean showsJvm;

  MetricsPage(PrometheusRegistry registry) {
    this.registry = registry;
  }

  /**
   * Reads all counters, which takes milliseconds.
   *
   * @param accept the {@code Accept} header; without one, or with none of our formats in it, the
   *     page is in the classic text format
   */
  synchronized Page write(@Nullable String accept) throws IOException {
    if (!showsJvm) {
      // Looking at the JVM costs a tenth of a second the first time: not while the server starts.
      JvmMetrics.builder().register(registry);
      showsJvm = true;
    }
    ExpositionFormatWriter writer = formats.getOpenMetricsTextFormatWriter();
    if (!writer.accepts(accept)) {
      writer = formats.getPrometheusTextFormatWriter();
    }
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    writer.write(content, registry.scrape());
    return new Page(writer.getContentType(), content.toByteArray());
  }
}
