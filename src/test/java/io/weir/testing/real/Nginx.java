package io.weir.testing.real;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * nginx: serves files, stands in front of a registry to slow it down or break it, or is what a
 * benchmark compares with.
 *
 * <pre>{@code
 * Nginx.inFrontOf(registry.uri(), "limit_rate 1m;")   // at most 1 MiB/s for each connection
 * Nginx.started("location / { return 503; }")
 * }</pre>
 *
 * <p>It has one worker process and writes its access log unbuffered. Run as root, its worker is
 * root too, for the files of a test are nobody else's business.
 */
public final class Nginx extends Daemon {

  private final int port = Ports.free();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final AccessLog accessLog = new AccessLog(folder().resolve("access.log"));

  private Nginx(String server) {
    super("nginx");
    folder().write("nginx.conf", config(server));
  }

  /** A server with these directives, as they stand in a {@code server} block. */
  public static Nginx started(String server) {
    Nginx nginx = new Nginx(server);
    nginx.startOrClose();
    return nginx;
  }

  /**
   * A server of the files below a folder.
   *
   * @param directives more of what may stand in a {@code location} block, each with its semicolon
   */
  public static Nginx serving(Path files, String... directives) {
    return started("location / { root %s; %s }".formatted(files, String.join(" ", directives)));
  }

  /**
   * A proxy that keeps nothing but a few buffers of 4 or 8 KiB. {@code limit_rate} works only with
   * these buffers; {@code proxy_buffering off} passes each byte on as it comes.
   *
   * @param directives more of what may stand in a {@code location} block, each with its semicolon
   */
  public static Nginx inFrontOf(URI upstream, String... directives) {
    return started(
        """
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        proxy_max_temp_file_size 0;
        proxy_request_buffering off;
        client_max_body_size 0;
        location / { proxy_pass %s; %s }
        """
            .formatted(upstream, String.join(" ", directives)));
  }

  private String config(String server) {
    StringBuilder temporary = new StringBuilder();
    for (String kind : List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) {
      temporary.append("%s_temp_path %s;%n".formatted(kind, folder().resolve(kind)));
    }
    String user = System.getProperty("user.name").equals("root") ? "user root;" : "";
    return """
    %s
    daemon off;
    worker_processes 1;
    error_log stderr;
    pid %s;
    events { worker_connections 1024; }
    http {
        access_log %s combined;
        sendfile on;
        tcp_nopush on;
        keepalive_requests 1000000;
        default_type application/octet-stream;
        %s
        server {
            listen 127.0.0.1:%d backlog=1024;
            %s
        }
    }
    """
        .formatted(user, pidFile(), folder().resolve("access.log"), temporary, port, server);
  }

  private Path pidFile() {
    return folder().resolve("nginx.pid");
  }

  @Override
  protected Command command() {
    return Command.of("nginx", "-p", folder().path().toString(), "-e", "stderr")
        .with("-c", folder().resolve("nginx.conf").toString())
        .withHome(folder().path());
  }

  /** It writes its number once it listens. */
  @Override
  protected boolean ready() throws IOException {
    return Files.readString(pidFile()).strip().equals(Long.toString(pid()));
  }

  @Override
  public void close() {
    client.close();
    super.close();
  }

  /** {@code 127.0.0.1:PORT}. */
  public String authority() {
    return "127.0.0.1:" + port;
  }

  /** {@code http://127.0.0.1:PORT}. */
  public URI uri() {
    return URI.create("http://" + authority());
  }

  /** What it was asked; see {@link DockerRegistry#requests}. */
  public List<LoggedRequest> requests() {
    return isRunning() ? accessLog.requests(client, uri()) : accessLog.requests();
  }

  /** Starts {@link #requests} anew. */
  public void forgetRequests() {
    requests();
    accessLog.forget();
  }
}
