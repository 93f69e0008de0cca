import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;

/**
 * The least server that one can write with the libraries that Weir uses, to measure beside a start of
 * Weir. Its jars are those of the distribution that it needs: {@code vertx-*}, {@code netty-*} and
 * {@code jackson-core-2*} of {@code target/weir/lib}, named one by one, because an AOT cache does not
 * hold for folders. Without a log library, which would write at DEBUG.
 *
 * <pre>
 * javac -cp 'target/weir/lib/*' -d classes bench/hello/Hello.java
 * jar --create --file hello.jar -C classes .
 * java OPTIONS -XX:AOTCacheOutput=hello.aot -cp hello.jar:JARS Hello PORT   # ask it once, then SIGTERM
 * java OPTIONS -XX:AOTCache=hello.aot -cp hello.jar:JARS Hello PORT
 * </pre>
 *
 * <p>OPTIONS are those of the launcher {@code weir}, the same both times.
 */
public final class Hello {

  private Hello() {}

  /** Answers every request to a port of loopback. */
  public static void main(String[] arguments) {
    Vertx.vertx(new VertxOptions().setPreferNativeTransport(true))
        .createHttpServer()
        .requestHandler(request -> request.response().end("hello\n"))
        .listen(Integer.parseInt(arguments[0]), "127.0.0.1");
  }
}
