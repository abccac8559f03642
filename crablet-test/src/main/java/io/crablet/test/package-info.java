/** A real PostgreSQL for tests, embedded or in a container. */
@NullMarked
package io.crablet.test;

import org.jspecify.annotations.NullMarked;
