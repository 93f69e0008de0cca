package io.weir.integrity;

/** How time passes for work that holds back. */
interface Stopwatch {

  /** Real time. */
  Stopwatch REAL =
      new Stopwatch() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }

        @Override
        public void pause(long nanos, Cancellation cancellation) {
          cancellation.await(nanos);
        }
      };

  /** A reading; only differences mean anything. */
  long nanos();

  /** Lets so much time pass, or less where the work is cancelled. */
  void pause(long nanos, Cancellation cancellation);
}
