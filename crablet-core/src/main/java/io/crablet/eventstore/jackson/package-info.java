/** The check that an event's data is JSON, by Jackson's streaming parser. */
@NullMarked
package io.crablet.eventstore.jackson;

import org.jspecify.annotations.NullMarked;
