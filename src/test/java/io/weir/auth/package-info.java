/** Tests of who is let in, with real hashes and with time that is told. */
@NullMarked
package io.weir.auth;

import org.jspecify.annotations.NullMarked;
