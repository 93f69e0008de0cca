/**
 * What operators and their tools ask: is it alive, is it ready, what did it count.
 *
 * <p>{@link io.weir.admin.AdminServer} is the entry: an HTTP server of its own, because whoever may
 * pull is not whoever may look. Requests are read on a Vert.x event loop; what takes longer than a
 * look at a variable runs on a worker thread.
 */
@NullMarked
package io.weir.admin;

import org.jspecify.annotations.NullMarked;
