package io.weir.cli;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * What the process does when it gets a signal.
 *
 * <p>A shutdown hook would not do: after it the JVM exits with 143 for SIGTERM, whatever the hook
 * has finished. {@code sun.misc.Signal} is reached by its name only, because the compiler warns of
 * it and has no way to be told that we know.
 */
final class Signals {

  private Signals() {}

  /**
   * Runs {@code action} on a thread of its own each time the process gets the signal.
   *
   * @param name without {@code SIG}, such as {@code TERM}
   */
  static void handle(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      MethodHandle run =
          MethodHandles.lookup()
              .findVirtual(Runnable.class, "run", MethodType.methodType(void.class))
              .bindTo(action);
      Object handle =
          MethodHandleProxies.asInterfaceInstance(
              handler, MethodHandles.dropArguments(run, 0, signal));
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), handle);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JVM does not handle signals", e);
    }
  }
}
