/** Tests of the registry client, most of them against a registry that misbehaves on demand. */
@NullMarked
package io.weir.upstream;

import org.jspecify.annotations.NullMarked;
