package io.weir.tracing;

import java.util.function.BiConsumer;

/**
 * A piece of work in a trace, and the way to the pieces below it. Thread-safe; nothing here blocks.
 *
 * <p>Whoever does the work says so and need not ask whether anybody listens: where nothing is
 * traced all of it is {@link #NONE}. A span whose trace is not recorded only carries that trace's
 * context along, and is its own child.
 */
public interface Span {

  /** The span of work that is not traced: it does nothing, and costs nothing. */
  Span NONE = new NoSpan();

  /** The span of the work that the calling thread does, see {@link #run}. */
  static Span current() {
    return CurrentSpan.VALUE.orElse(NONE);
  }

  /** Begins a step of this work, in this process. The caller ends it. */
  Span child(String name);

  /** Begins a request to another process that this work needs. The caller ends it. */
  Span call(String name);

  /**
   * What this work leads to and does not wait for: what begins below it has a trace of its own,
   * which is linked to this span.
   */
  Span aftermath();

  /** Names the work anew, when more is known about it. */
  void rename(String name);

  /**
   * Says something about the work, by the name that the semantic conventions have for it; an empty
   * text says nothing.
   */
  Span set(String attribute, String value);

  /** Says something about the work, by the name that the semantic conventions have for it. */
  Span set(String attribute, long value);

  /** Says which content the work is about, as the access log does. */
  Span about(String upstream, String repository, String reference);

  /** Says that the work depends on {@code other}, which is not part of it. */
  void link(Span other);

  /**
   * Says that the work failed.
   *
   * @param type one of few values, for {@code error.type}
   * @param message for people, without secrets; may be empty
   */
  void fail(String type, String message);

  /** A failure that traces have a name for, and whose message may stand in them. */
  interface Failure {

    /** One of few values, for {@code error.type}. */
    String errorType();
  }

  /**
   * Says that the work failed with {@code cause}; where that is no {@link Failure}, by its class.
   */
  void fail(RuntimeException cause);

  /** Ends it. What is said later is not heard. */
  void end();

  /** Whether it is worth while to say anything about the work. */
  boolean isRecorded();

  /** The trace's number, 32 hexadecimal digits; empty where the trace is not recorded. */
  String traceId();

  /**
   * Hands the context on to another process.
   *
   * @param header takes the name and the value of each header
   * @see <a href="https://www.w3.org/TR/trace-context/">W3C Trace Context</a>
   */
  void propagate(BiConsumer<String, String> header);

  /** Does work as a part of this: {@link #current} is this span meanwhile. */
  void run(Runnable work);

  /** Does all of the work, and ends it; it has failed where it throws. */
  void complete(Runnable work);
}
