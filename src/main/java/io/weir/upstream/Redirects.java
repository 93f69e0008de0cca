package io.weir.upstream;

import org.jspecify.annotations.Nullable;

/**
 * Follows redirects by hand: the query of a target is kept byte for byte, since it is signed; the
 * authorization goes to the first origin alone, since object stores refuse a second one and nobody
 * else may have it, and not there again after another was asked, which would choose what it is
 * shown for; and an encrypted request never becomes a plain one. Stateless.
 */
final class Redirects {

  private static final int HOPS_MAX = 10;

  private final Transport transport;
  private final Failures failures;

  Redirects(Transport transport, Failures failures) {
    this.transport = transport;
    this.failures = failures;
  }

  /** The first answer that is no redirect. */
  Exchange send(Request first, Deadline deadline) throws TryFailedException {
    Request request = first;
    for (int hops = 0; hops <= HOPS_MAX; hops++) {
      Exchange exchange = transport.send(request, deadline);
      if (!isRedirect(exchange.status())) {
        return exchange;
      }
      String location = exchange.header("Location");
      exchange.discard();
      request = request.redirectedTo(next(request.target(), location));
    }
    throw failures.invalid("more than " + HOPS_MAX + " redirects");
  }

  private Target next(Target from, @Nullable String location) throws TryFailedException {
    if (location == null || location.isBlank()) {
      throw failures.invalid("a redirect that leads nowhere");
    }
    Target next;
    try {
      next = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw failures.invalid("a redirect that is not to an http or https URL");
    }
    if (from.isTls() && !next.isTls()) {
      throw failures.invalid("a redirect from https to http, to " + next.hostAndPort());
    }
    return next;
  }

  private static boolean isRedirect(int status) {
    return switch (status) {
      case 301, 302, 303, 307, 308 -> true;
      default -> false;
    };
  }
}
