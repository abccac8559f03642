/** What the starter costs a whole application: its start, its health and its endpoint. */
@NullMarked
package io.crablet.benchmarks.application;

import org.jspecify.annotations.NullMarked;
