package io.weir.tracing;

import java.util.function.BiConsumer;

/** {@link Span#NONE}, and what is like it in most. */
class NoSpan implements Span {

  @Override
  public Span child(String name) {
    return this;
  }

  @Override
  public Span call(String name) {
    return this;
  }

  @Override
  public Span aftermath() {
    return this;
  }

  @Override
  public void rename(String name) {}

  @Override
  public Span set(String attribute, String value) {
    return this;
  }

  @Override
  public Span set(String attribute, long value) {
    return this;
  }

  @Override
  public Span about(String upstream, String repository, String reference) {
    return this;
  }

  @Override
  public void link(Span other) {}

  @Override
  public void fail(String type, String message) {}

  @Override
  public void fail(RuntimeException cause) {}

  @Override
  public void end() {}

  @Override
  public boolean isRecorded() {
    return false;
  }

  @Override
  public String traceId() {
    return "";
  }

  @Override
  public void propagate(BiConsumer<String, String> header) {}

  @Override
  public void run(Runnable work) {
    work.run();
  }

  @Override
  public void complete(Runnable work) {
    run(work);
  }
}
