/** The pool in Spring Boot: its settings and its health. */
@NullMarked
package io.crablet.autoconfigure.pool;

import org.jspecify.annotations.NullMarked;
