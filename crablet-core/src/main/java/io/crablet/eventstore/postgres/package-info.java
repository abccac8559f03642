/**
 * The event store on PostgreSQL.
 *
 * <p>Start at {@link io.crablet.eventstore.postgres.PostgresEventStore}.
 */
@NullMarked
package io.crablet.eventstore.postgres;

import org.jspecify.annotations.NullMarked;
