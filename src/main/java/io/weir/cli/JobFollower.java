package io.weir.cli;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import tools.jackson.databind.JsonNode;

/**
 * Waits for a job's end and shows how far it is on standard error: on a terminal in one line that
 * changes, otherwise with a line now and then.
 *
 * @param client the server that does the job
 */
record JobFollower(AdminClient client, Terminal terminal) {

  /** What a command exits with whose job was cancelled: as if SIGINT had ended it. */
  static final int STATUS_INTERRUPTED = 130;

  private static final int BAR_WIDTH = 30;
  private static final String TO_LINE_START = "\r\u001b[K";

  /**
   * Begins a job.
   *
   * @return where it is
   */
  String begin(JsonNode job) throws IOException {
    return "/api/v1/jobs/" + client.post("/api/v1/jobs", job).path("id").asString();
  }

  /**
   * Waits for the end of a job.
   *
   * @return what came of it
   * @throws IOException where it failed, with its error
   */
  JsonNode follow(String path) throws IOException {
    String wait = terminal.isInteractive() ? "?wait=1s" : "?wait=10s";
    JsonNode job = client.get(path + wait);
    while (job.path("state").asString().equals("running")) {
      show(job.path("progress"));
      job = client.get(path + wait);
    }
    if (terminal.isInteractive()) {
      terminal.err().print(TO_LINE_START);
      terminal.err().flush();
    }
    if (job.path("state").asString().equals("failed")) {
      throw new IOException(job.path("error").asString());
    }
    return job;
  }

  /**
   * As {@link #follow}, and an interrupt of this process asks the job to end; a second one ends the
   * process alone, at once.
   */
  JsonNode followOrCancel(String path) throws IOException {
    AtomicBoolean isCancelled = new AtomicBoolean();
    Signals.handle(
        "INT",
        () -> {
          if (isCancelled.getAndSet(true)) {
            Runtime.getRuntime().halt(STATUS_INTERRUPTED);
          }
          cancel(path);
        });
    return follow(path);
  }

  private void cancel(String path) {
    try {
      JsonNode _ = client.delete(path);
    } catch (IOException e) {
      terminal.err().println("weir: it could not be cancelled: " + e.getMessage());
    }
  }

  /** Whether a job that has ended was cancelled. */
  static boolean isCancelled(JsonNode job) {
    return job.path("state").asString().equals("cancelled");
  }

  private void show(JsonNode progress) {
    long total = progress.path("total").asLong();
    if (total <= 0) {
      return;
    }
    long done = Math.min(total, progress.path("done").asLong());
    if (progress.path("growing").asBoolean()) {
      // A bar would jump back with each image that is looked at.
      showLine("%s of %s found so far".formatted(Human.size(done), Human.size(total)));
      return;
    }
    String line =
        "%3d%% %s of %s"
            .formatted((int) (100.0 * done / total), Human.size(done), Human.size(total));
    int filled = (int) (BAR_WIDTH * ((double) done / total));
    showLine(
        terminal.isInteractive()
            ? "[" + "#".repeat(filled) + " ".repeat(BAR_WIDTH - filled) + "] " + line
            : line.strip());
  }

  private void showLine(String line) {
    if (terminal.isInteractive()) {
      terminal.err().print(TO_LINE_START + line);
      terminal.err().flush();
    } else {
      terminal.err().println("weir: " + line);
    }
  }
}
