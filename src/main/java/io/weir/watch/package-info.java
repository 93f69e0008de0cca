/**
 * Files that others change while the server runs: certificates, keys, password files.
 *
 * <p>{@link io.weir.watch.FileWatch} notices it; what is in the files is of no interest here.
 */
@NullMarked
package io.weir.watch;

import org.jspecify.annotations.NullMarked;
