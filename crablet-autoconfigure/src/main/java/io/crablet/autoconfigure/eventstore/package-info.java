/** Auto-configuration of the event store. */
@NullMarked
package io.crablet.autoconfigure.eventstore;

import org.jspecify.annotations.NullMarked;
