/**
 * What operators and their tools ask and tell the server: is it alive, is it ready, what did it
 * count; what is stored, what shall leave, what shall stay.
 *
 * <p>{@link io.weir.admin.AdminServer} is the entry: an HTTP server of its own, because whoever may
 * pull is not whoever may look. Requests are read on a Vert.x event loop. Health is answered there;
 * the metrics page is written on a worker thread, and each request to the API is answered on a
 * virtual thread, by the handler of its {@link io.weir.admin.Route}. Long work is a job with a
 * virtual thread of its own.
 */
@NullMarked
package io.weir.admin;

import org.jspecify.annotations.NullMarked;
