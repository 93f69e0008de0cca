package io.weir.upstream;

import java.time.Duration;

/** Waits between two tries; an interface so that tests need not wait. */
@FunctionalInterface
interface Pause {

  void sleep(Duration duration) throws InterruptedException;
}
