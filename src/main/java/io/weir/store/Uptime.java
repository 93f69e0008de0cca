package io.weir.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Time as it passes on this machine, whatever its clock is set to: what ages are measured with.
 * Thread-safe.
 */
public interface Uptime {

  /** Which run of the machine this is; {@link #elapsed} of different runs cannot be compared. */
  String boot();

  /** How long this run of the machine has lasted. */
  Duration elapsed();

  /**
   * That of Linux. The time in which the machine sleeps counts between two processes, not within
   * one.
   *
   * @see <a href="https://man7.org/linux/man-pages/man5/proc_uptime.5.html">proc_uptime(5)</a>
   */
  static Uptime ofMachine() {
    String boot = firstWord(Path.of("/proc/sys/kernel/random/boot_id"), "");
    double seconds = Double.parseDouble(firstWord(Path.of("/proc/uptime"), "0"));
    long startNanos = System.nanoTime() - (long) (seconds * 1e9);
    return new Uptime() {
      @Override
      public String boot() {
        return boot;
      }

      @Override
      public Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - startNanos);
      }
    };
  }

  private static String firstWord(Path file, String otherwise) {
    try {
      return Files.readString(file).strip().split(" ", 2)[0];
    } catch (IOException e) {
      return otherwise; // no Linux: each process is then a run of its own
    }
  }
}
