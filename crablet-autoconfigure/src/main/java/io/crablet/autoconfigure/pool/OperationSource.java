package io.crablet.autoconfigure.pool;

import org.jspecify.annotations.Nullable;

/** One of those that may know what the calling thread does. */
@FunctionalInterface
interface OperationSource {

    /** A name that is one of few, null if this one does not know. */
    @Nullable
    String operation();
}
