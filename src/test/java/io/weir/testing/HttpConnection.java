package io.weir.testing;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 on one socket, written out so that every byte and every fault of it can be chosen. Used
 * by one virtual thread.
 */
final class HttpConnection {

  private static final int PIECE_BYTES = 1 << 16;

  private final InputStream in;
  private final OutputStream out;

  HttpConnection(Socket socket) throws IOException {
    this.in = new BufferedInputStream(socket.getInputStream());
    this.out = new BufferedOutputStream(socket.getOutputStream(), 1 << 13);
  }

  /** The next request, waiting for it; null where the peer has closed. */
  @Nullable RecordedRequest read() throws IOException {
    String requestLine = line();
    if (requestLine == null) {
      return null;
    }
    String[] words = requestLine.split(" ", -1);
    if (words.length != 3) {
      throw new IOException("not a request line: " + requestLine);
    }
    Map<String, List<String>> headers = new HashMap<>();
    for (String line = line(); line != null && !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers
          .computeIfAbsent(
              line.substring(0, colon).toLowerCase(Locale.ROOT), n -> new ArrayList<>())
          .add(line.substring(colon + 1).strip());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", List.of("0")).getFirst());
    byte[] body = in.readNBytes(length);
    int mark = words[1].indexOf('?');
    String path = mark < 0 ? words[1] : words[1].substring(0, mark);
    String query = mark < 0 ? null : words[1].substring(mark + 1);
    return new RecordedRequest(words[0], path, query, Map.copyOf(headers), body);
  }

  private @Nullable String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(80);
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        if (line.size() == 0) {
          return null;
        }
        throw new EOFException("in a line");
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  /**
   * Sends an answer.
   *
   * @return whether the connection can be used again
   */
  boolean write(RecordedRequest request, Answer answer, List<Rule> rules, Meter meter)
      throws IOException, InterruptedException {
    boolean isHead = request.method().equals("HEAD");
    boolean isChunked = rules.stream().anyMatch(rule -> rule.noContentLength);
    StringBuilder head = new StringBuilder(256);
    head.append("HTTP/1.1 ").append(answer.status()).append(" Scripted\r\n");
    for (Map.Entry<String, String> header : answer.headers()) {
      head.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n");
    }
    if (!isChunked) {
      head.append("Content-Length: ").append(answer.lengthBytes()).append("\r\n");
    } else if (!isHead) {
      head.append("Transfer-Encoding: chunked\r\n");
    }
    head.append("\r\n");
    out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    boolean isWhole = isHead || writeBody(answer, rules, isChunked, meter);
    out.flush();
    return isWhole && rules.stream().noneMatch(rule -> rule.closeAfterAnswer);
  }

  private boolean writeBody(Answer answer, List<Rule> rules, boolean isChunked, Meter meter)
      throws IOException, InterruptedException {
    byte[] piece = new byte[(int) Math.min(PIECE_BYTES, Math.max(1, answer.lengthBytes()))];
    long sent = 0;
    while (sent < answer.lengthBytes()) {
      long stop = nextStop(sent, answer.lengthBytes(), rules);
      if (stop == sent) {
        out.flush();
        return false;
      }
      int length = (int) Math.min(piece.length, stop - sent);
      answer.content().read(answer.offset() + sent, piece, length);
      corrupt(piece, answer.offset() + sent, length, rules);
      if (isChunked) {
        out.write((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      }
      out.write(piece, 0, length);
      if (isChunked) {
        out.write(new byte[] {'\r', '\n'});
      }
      sent += length;
      meter.sent(length);
      stall(sent, rules);
    }
    if (isChunked) {
      out.write("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
    }
    return true;
  }

  /** The place in the body up to which can be sent at once; {@code sent} itself is a cut. */
  private static long nextStop(long sent, long length, List<Rule> rules) {
    long stop = length;
    for (Rule rule : rules) {
      if (rule.cutAfterBytes >= 0) {
        stop = Math.min(stop, Math.max(sent, rule.cutAfterBytes));
      }
      if (rule.stallAfterBytes > sent) {
        stop = Math.min(stop, rule.stallAfterBytes);
      }
    }
    return stop;
  }

  private void stall(long sent, List<Rule> rules) throws IOException, InterruptedException {
    for (Rule rule : rules) {
      CountDownLatch latch = rule.stall;
      if (rule.stallAfterBytes == sent && latch != null) {
        out.flush();
        latch.await();
      }
    }
  }

  private static void corrupt(byte[] piece, long from, int length, List<Rule> rules) {
    for (Rule rule : rules) {
      long index = rule.corruptByteAt - from;
      if (rule.corruptByteAt >= 0 && index >= 0 && index < length) {
        piece[(int) index] ^= (byte) 0xff;
      }
    }
  }

  /** Told of body bytes as they go out; may wait, to hold the speed down. */
  interface Meter {
    void sent(int bytes) throws InterruptedException;
  }
}
