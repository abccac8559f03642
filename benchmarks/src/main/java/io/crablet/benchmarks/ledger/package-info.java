/** What the ledger adds to a borrow, beside HikariCP's own leak detection and two other wrappers. */
@NullMarked
package io.crablet.benchmarks.ledger;

import org.jspecify.annotations.NullMarked;
