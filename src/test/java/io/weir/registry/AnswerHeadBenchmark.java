package io.weir.registry;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.weir.cache.CacheStatus;
import io.weir.oci.Digest;
import io.weir.oci.MediaType;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What the answer to a stored manifest costs: its headers, and their bytes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AnswerHeadBenchmark {

  private static final byte[] MANIFEST = new byte[2569];
  private static final Digest DIGEST = Digest.Algorithm.SHA256.of(MANIFEST);

  private static final Entrance ENTRANCE = new Entrance(null, true);

  private static final Exchange.Observer NOBODY =
      new Exchange.Observer() {
        @Override
        public void began(Exchange exchange) {}

        @Override
        public void sending(Exchange exchange) {}

        @Override
        public void ended(Exchange exchange) {}
      };

  private final HttpDate date = new HttpDate(InstantSource.system());
  private final HttpRequest request =
      new DefaultFullHttpRequest(
          HttpVersion.HTTP_1_1, HttpMethod.GET, "/v2/library/nginx/manifests/latest");
  private final EmbeddedChannel channel =
      new EmbeddedChannel(new AnswerEncoder(), new ChannelInboundHandlerAdapter());
  private final ChannelHandlerContext context =
      channel.pipeline().context(ChannelInboundHandlerAdapter.class);

  @Benchmark
  public boolean manifest() {
    Exchange exchange =
        new Exchange(context, ENTRANCE, request, Wire.PLAIN, true, date, NOBODY, () -> {});
    exchange.status(CacheStatus.HIT);
    FullHttpResponse response =
        exchange.whole(HttpResponseStatus.OK, MediaType.OCI_MANIFEST, MANIFEST);
    Validators.identify(response.headers(), DIGEST);
    exchange.send(response);
    return channel.releaseOutbound();
  }
}
