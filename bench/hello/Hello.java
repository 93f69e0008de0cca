import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;

/**
 * The least server that one can write with the library that Weir uses: what {@code start} measures beside it.
 */
public final class Hello {

  private Hello() {}

  /** Answers every request on a port of loopback. */
  public static void main(String[] arguments) {
    Vertx.vertx(new VertxOptions().setPreferNativeTransport(true))
        .createHttpServer()
        .requestHandler(request -> request.response().end("hello\n"))
        .listen(Integer.parseInt(arguments[0]), "127.0.0.1");
  }
}
