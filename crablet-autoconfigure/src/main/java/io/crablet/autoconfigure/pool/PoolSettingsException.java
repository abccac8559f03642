package io.crablet.autoconfigure.pool;

/** The pool's settings contradict each other, name what does not exist, or do not fit the server. */
final class PoolSettingsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String action;

    /**
     * Creates the exception.
     *
     * @param message what is wrong, with the figures
     * @param action what to do about it
     */
    PoolSettingsException(String message, String action) {
        super(message);
        this.action = action;
    }

    String action() {
        return action;
    }
}
