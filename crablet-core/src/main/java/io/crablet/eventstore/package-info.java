/**
 * The event store's API, in the words of the specification of the Dynamic Consistency Boundary (DCB,
 * <a href="https://dcb.events/specification/">dcb.events</a>).
 *
 * <p>Start at {@link io.crablet.eventstore.EventStore}.
 */
@NullMarked
package io.crablet.eventstore;

import org.jspecify.annotations.NullMarked;
