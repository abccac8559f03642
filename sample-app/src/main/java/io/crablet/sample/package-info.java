/** Course subscriptions on Crablet: the application, its database and what it says at start. */
@NullMarked
package io.crablet.sample;

import org.jspecify.annotations.NullMarked;
