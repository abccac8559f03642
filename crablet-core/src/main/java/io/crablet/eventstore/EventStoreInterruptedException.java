package io.crablet.eventstore;

import org.springframework.dao.TransientDataAccessResourceException;

/**
 * An operation was given up because its thread was interrupted. Its query was cancelled on the server too, and the
 * thread's interrupt flag is still set. An append has written nothing, unless the message says that this is not known: the
 * interrupt of a virtual thread cuts its connection.
 */
public class EventStoreInterruptedException extends TransientDataAccessResourceException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception for an operation that the database had not been asked for yet.
     *
     * @param message what was given up
     */
    public EventStoreInterruptedException(String message) {
        super(message);
    }

    /**
     * Creates the exception.
     *
     * @param message what was given up
     * @param cause what the database said to it
     */
    public EventStoreInterruptedException(String message, Throwable cause) {
        super(message, cause);
    }
}
