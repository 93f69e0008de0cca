/**
 * That what is stored stays what it was: bytes are hashed again from time to time, and the index is
 * compared with the files.
 *
 * <p>{@link io.weir.integrity.Scrub} reads everything that is stored, slowly and without end, and
 * on demand. {@link io.weir.integrity.Reconciliation} looks at names and lengths only, after each
 * start. Damaged files are taken out of use and kept in quarantine for a while; they are fetched
 * anew at once or by the next pull. Both work on virtual threads of their own and hold back, so
 * that pulls do not notice.
 */
@NullMarked
package io.weir.integrity;

import org.jspecify.annotations.NullMarked;
