package io.weir.cache;

import io.weir.metrics.Kind;
import io.weir.oci.Origin;

/**
 * Something that upstream may be asked: the key under which requests for the same thing meet.
 *
 * @param kind what it is about
 * @param origin where
 * @param subject a tag, a digest, or empty
 */
record Question(Kind kind, Origin origin, String subject) {}
