package io.weir.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A client that sends just the bytes it is told to, where a real HTTP client would be too polite.
 * One connection a request.
 */
public final class Http {

  private static final int TIMEOUT_MILLIS = 60_000;

  private Http() {}

  /**
   * An answer.
   *
   * @param status the status code
   * @param headers by lower-case name, the last of several
   * @param body the body, as far as it came
   * @param whole whether the body came to its announced end
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Answer(int status, Map<String, String> headers, byte[] body, boolean whole) {

    /** A header, or an empty string. */
    public String header(String name) {
      return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }

    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  /** GET, with headers given as {@code Name: value}. */
  public static Answer get(int port, String target, String... headers) throws IOException {
    return request(port, "GET", target, headers);
  }

  /** HEAD, with headers given as {@code Name: value}. */
  public static Answer head(int port, String target, String... headers) throws IOException {
    return request(port, "HEAD", target, headers);
  }

  /** Any method, with headers given as {@code Name: value}. */
  public static Answer request(int port, String method, String target, String... headers)
      throws IOException {
    try (Stream stream = open(port, method, target, headers)) {
      byte[] body = stream.readToEnd();
      return new Answer(stream.status(), stream.headers(), body, stream.whole());
    }
  }

  /** Sends bytes as they are, and reads one answer to its end or to the connection's. */
  public static Answer raw(int port, String request) throws IOException {
    try (Stream stream = new Stream(port, request, false)) {
      byte[] body = stream.readToEnd();
      return new Answer(stream.status(), stream.headers(), body, stream.whole());
    }
  }

  /**
   * Sends a request and reads the head of its answer; the body is the caller's to read at any pace.
   */
  public static Stream open(int port, String method, String target, String... headers)
      throws IOException {
    StringBuilder request = new StringBuilder(method + ' ' + target + " HTTP/1.1\r\n");
    boolean hasHost = false;
    for (String header : headers) {
      hasHost |= header.regionMatches(true, 0, "host:", 0, 5);
      request.append(header).append("\r\n");
    }
    if (!hasHost) {
      request.append("Host: 127.0.0.1:").append(port).append("\r\n");
    }
    request.append("Connection: close\r\n\r\n");
    return new Stream(port, request.toString(), method.equals("HEAD"));
  }

  /** An answer whose body is being read. */
  public static final class Stream implements AutoCloseable {

    private final Socket socket;
    private final InputStream in;
    private final int status;
    private final Map<String, String> headers = new TreeMap<>();
    private final boolean isChunked;
    private long left;
    private boolean whole;

    private Stream(int port, String request, boolean isHead) throws IOException {
      this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      this.in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
      this.status = Integer.parseInt(headLine().split(" ", 3)[1]);
      for (String line = headLine(); !line.isEmpty(); line = headLine()) {
        int colon = line.indexOf(':');
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
      this.isChunked = "chunked".equals(headers.get("transfer-encoding"));
      boolean hasBody = !isHead && status != 304;
      this.left =
          !hasBody || isChunked ? 0 : Long.parseLong(headers.getOrDefault("content-length", "0"));
      this.whole = !hasBody || (!isChunked && left == 0);
    }

    private String headLine() throws IOException {
      String line = line();
      if (line == null) {
        socket.close();
        throw new IOException("the connection was closed before the head of the answer was whole");
      }
      return line;
    }

    private @Nullable String line() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int b = in.read(); b != '\n'; b = in.read()) {
        if (b < 0) {
          return null;
        }
        line.write(b);
      }
      return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }

    public int status() {
      return status;
    }

    public Map<String, String> headers() {
      return headers;
    }

    /** Whether the body has come to its announced end. */
    public boolean whole() {
      return whole;
    }

    /**
     * The next bytes of the body, at most {@code buffer}'s length; −1 at its end, announced or not.
     */
    public int read(byte[] buffer) throws IOException {
      if (whole) {
        return -1;
      }
      if (isChunked && left == 0 && !nextChunk()) {
        return -1;
      }
      int count;
      try {
        count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      } catch (java.net.SocketException e) {
        return -1; // reset: as good as cut
      }
      if (count < 0) {
        return -1;
      }
      left -= count;
      if (!isChunked) {
        whole = left == 0;
      } else if (left == 0) {
        line();
      }
      return count;
    }

    private boolean nextChunk() throws IOException {
      String size = line();
      if (size == null || size.isEmpty()) {
        return false;
      }
      left = Long.parseLong(size, 16);
      whole = left == 0;
      return !whole;
    }

    /** The rest of the body. */
    public byte[] readToEnd() throws IOException {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      byte[] buffer = new byte[1 << 16];
      for (int count = read(buffer); count >= 0; count = read(buffer)) {
        body.write(buffer, 0, count);
      }
      return body.toByteArray();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
