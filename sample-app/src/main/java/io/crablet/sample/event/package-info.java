/** The event log over HTTP: read from any position, or followed live. */
@NullMarked
package io.crablet.sample.event;

import org.jspecify.annotations.NullMarked;
