package io.weir.testing.real;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/**
 * Marks a class of tests against real programs: group {@code real}, at most 60 s for each test, and
 * the logs of all running {@link Daemon}s on standard error when a test fails.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Tag("real")
@Timeout(60)
@ExtendWith(RealTest.ShowLogs.class)
public @interface RealTest {

  /** Prints the logs of the daemons before they are stopped and their folders removed. */
  final class ShowLogs implements TestExecutionExceptionHandler {
    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure)
        throws Throwable {
      boolean skipped = failure instanceof TestAbortedException;
      if (!skipped) {
        System.err.printf("%s failed%n%s", context.getDisplayName(), Daemon.logsOfRunning());
      }
      throw failure;
    }
  }
}
