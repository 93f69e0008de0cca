package io.weir.testing.real;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that a test started, with its descendants. Only handles are used, never names: a handle
 * knows the start time of its process, so a number that was given to another process in the
 * meantime is not hit.
 */
final class ProcessTree {

  /** How long a killed process may take to disappear; only one in uninterruptible I/O needs it. */
  private static final Duration REAP = Duration.ofSeconds(10);

  private final ProcessHandle root;

  private ProcessTree(ProcessHandle root) {
    this.root = root;
  }

  static ProcessTree of(Process process) {
    return new ProcessTree(process.toHandle());
  }

  /**
   * Ends the root with SIGTERM, and after {@code grace} whatever of the tree is still there with
   * SIGKILL. Returns when all are gone.
   */
  void stop(Duration grace) {
    // Taken first: after the death of their parent nothing leads to them any more.
    List<ProcessHandle> tree = new ArrayList<>(root.descendants().toList());
    if (grace.isPositive() && root.isAlive()) {
      root.destroy();
      await(root, grace);
    }
    root.descendants().filter(late -> !tree.contains(late)).forEach(tree::add);
    tree.addFirst(root);
    tree.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
    tree.forEach(process -> await(process, REAP));
  }

  /** Whether a process of the number runs; a zombie does not. */
  static boolean isAlive(long pid) throws IOException {
    ProcessHandle process = ProcessHandle.of(pid).orElse(null);
    return process != null && !isGone(process);
  }

  private static void await(ProcessHandle process, Duration limit) {
    Await.until(limit, () -> isGone(process));
  }

  /**
   * Whether it has ended. Orphans stay zombies until init comes round to them, which takes long.
   */
  private static boolean isGone(ProcessHandle process) throws IOException {
    if (!process.isAlive()) {
      return true;
    }
    // proc(5): the state is the first column behind the name, which stands in parentheses.
    Path status = Path.of("/proc", Long.toString(process.pid()), "stat");
    try {
      String line = Files.readString(status, StandardCharsets.ISO_8859_1);
      return line.startsWith("Z", line.lastIndexOf(')') + 2);
    } catch (NoSuchFileException _) {
      return true;
    }
  }
}
