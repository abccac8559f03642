package io.crablet.sample;

import org.jspecify.annotations.Nullable;

/** The embedded PostgreSQL can not be used; says why and what to do. */
final class EmbeddedDatabaseException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String action;

    EmbeddedDatabaseException(String message, String action, @Nullable Throwable cause) {
        super(message, cause);
        this.action = action;
    }

    String action() {
        return action;
    }
}
