/** Faults to stage on purpose, one class each, to see what the pool's health and the server say about them. */
@NullMarked
package io.crablet.sample.fault;

import org.jspecify.annotations.NullMarked;
