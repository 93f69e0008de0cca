package io.weir.testing;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One way in which {@link ScriptedUpstream} misbehaves, for the requests whose method and path
 * match. Made by {@link ScriptedUpstream#on}, and in force from then on; faults of one rule add up.
 * Without {@link #times} it holds for ever. Set up before the requests that it is for.
 *
 * <p>What replaces the answer ({@link #status}, {@link #html}, {@link #redirectTo}) comes before
 * authentication; what damages it ({@link #cutAfter} and its like) applies to whatever is answered.
 */
public final class Rule {

  private final String method;
  private final Pattern path;
  private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
  private final List<Map.Entry<String, String>> extraHeaders = new ArrayList<>();
  private final List<String> missingHeaders = new ArrayList<>();

  volatile @Nullable Reply reply;
  volatile Duration delay = Duration.ZERO;
  volatile @Nullable CountDownLatch hold;
  volatile @Nullable CountDownLatch stall;
  volatile long stallAfterBytes = -1;
  volatile long cutAfterBytes = -1;
  volatile long corruptByteAt = -1;
  volatile boolean noContentLength;
  volatile boolean ignoreRange;
  volatile boolean dropConnection;
  volatile boolean closeAfterAnswer;

  /** An answer that stands in place of the registry's. */
  record Reply(int status, String contentType, Content body) {}

  Rule(String method, String pathRegex) {
    this.method = method;
    this.path = Pattern.compile(pathRegex);
  }

  /** Takes the rule for a request, using up one of its times; false where it is not for it. */
  boolean take(RecordedRequest request) {
    if (!method.equals("*") && !method.equals(request.method())) {
      return false;
    }
    return path.matcher(request.path()).matches()
        && left.getAndUpdate(n -> n > 0 && n < Integer.MAX_VALUE ? n - 1 : n) > 0;
  }

  synchronized List<Map.Entry<String, String>> extraHeaders() {
    return List.copyOf(extraHeaders);
  }

  synchronized List<String> missingHeaders() {
    return List.copyOf(missingHeaders);
  }

  /** The rule ends after {@code n} requests. */
  public Rule times(int n) {
    left.set(n);
    return this;
  }

  /** Answers with a status, a body of {@code text/plain} and headers, as name, value, name, … */
  public Rule status(int status, String body, String... headers) {
    reply =
        new Reply(
            status, "text/plain", new Content.InMemory(body.getBytes(StandardCharsets.UTF_8)));
    for (int i = 0; i < headers.length; i += 2) {
      header(headers[i], headers[i + 1]);
    }
    return this;
  }

  /** Answers with a status and an empty body. */
  public Rule status(int status) {
    return status(status, "");
  }

  /** Answers 200 with a document. */
  public Rule answer(String contentType, byte[] body) {
    reply = new Reply(200, contentType, new Content.InMemory(body));
    return this;
  }

  /** Answers with a status and a body that nobody can read to its end. */
  public Rule statusWithEndlessBody(int status) {
    reply = new Reply(status, "application/json", new Content.Generated(Long.MAX_VALUE / 2, 0));
    return this;
  }

  /** Answers 200 with a page for people. */
  public Rule html() {
    return answer(
        "text/html; charset=utf-8",
        "<!DOCTYPE html><title>Sign in</title>".getBytes(StandardCharsets.UTF_8));
  }

  /** Answers with a redirect, the target written as it is given. */
  public Rule redirectTo(int status, String location) {
    return status(status, "", "Location", location);
  }

  /** Answers 307 with a redirect, the target written as it is given. */
  public Rule redirectTo(String location) {
    return redirectTo(307, location);
  }

  /** Adds a header to the answer; where the answer has it already, in its place. */
  public synchronized Rule header(String name, String value) {
    extraHeaders.add(Map.entry(name, value));
    return this;
  }

  /** Leaves a header out of the answer. */
  public synchronized Rule withoutHeader(String name) {
    missingHeaders.add(name);
    return this;
  }

  /** Waits before answering. */
  public Rule delay(Duration duration) {
    delay = duration;
    return this;
  }

  /** Answers when {@code latch} is at zero, or when the server closes. */
  public Rule hold(CountDownLatch latch) {
    hold = latch;
    return this;
  }

  /** Closes the connection after so many bytes of the body. */
  public Rule cutAfter(long bytes) {
    cutAfterBytes = bytes;
    return this;
  }

  /** Stops after so many bytes of the body, until {@code latch} is at zero. */
  public Rule stallAfter(long bytes, CountDownLatch latch) {
    stallAfterBytes = bytes;
    stall = latch;
    return this;
  }

  /** Flips every bit of the content's byte at {@code offset}. */
  public Rule corruptByteAt(long offset) {
    corruptByteAt = offset;
    return this;
  }

  /** Sends the body in chunks, without saying its length. */
  public Rule noContentLength() {
    noContentLength = true;
    return this;
  }

  /** Answers a request for a range with the whole, status 200. */
  public Rule ignoreRange() {
    ignoreRange = true;
    return this;
  }

  /** Reads the request and closes the connection without an answer. */
  public Rule dropConnection() {
    dropConnection = true;
    return this;
  }

  /** Answers, then closes the connection without having said so. */
  public Rule closeAfterAnswer() {
    closeAfterAnswer = true;
    return this;
  }
}
