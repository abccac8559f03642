/** The ledger of a pool: who has borrowed which connection, where, and what becomes of it. */
@NullMarked
package io.crablet.pool.ledger;

import org.jspecify.annotations.NullMarked;
