/** Tests of what keeps the store sound, on real folders and with time that is told. */
@NullMarked
package io.weir.integrity;

import org.jspecify.annotations.NullMarked;
