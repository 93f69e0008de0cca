/** The server as a whole: {@link io.weir.Weir} builds its rooms and hands them to each other. */
@NullMarked
package io.weir;

import org.jspecify.annotations.NullMarked;
