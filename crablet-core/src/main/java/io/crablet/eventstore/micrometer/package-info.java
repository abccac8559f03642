/** Meters of the event store. */
@NullMarked
package io.crablet.eventstore.micrometer;

import org.jspecify.annotations.NullMarked;
