/**
 * What {@code deploy/monitoring} holds, asked of a real Prometheus that scrapes a server under
 * load.
 */
@NullMarked
package io.weir.monitoring;

import org.jspecify.annotations.NullMarked;
