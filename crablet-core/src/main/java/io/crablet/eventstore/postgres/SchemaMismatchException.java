package io.crablet.eventstore.postgres;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.InvalidDataAccessResourceUsageException;

/**
 * The event store's schema is not in the database, or is not of the version that this version of the store works with.
 *
 * @serial exclude
 */
public class SchemaMismatchException extends InvalidDataAccessResourceUsageException {

    private static final long serialVersionUID = 1L;

    private final String schema;
    private final @Nullable Integer found;
    private final int required;

    /**
     * Creates the exception.
     *
     * @param schema the name of the schema that was looked at
     * @param found the version that is there; null if there is none
     * @param required the version that is needed
     */
    public SchemaMismatchException(String schema, @Nullable Integer found, int required) {
        super(
                found == null
                        ? "there is no event store in schema '" + schema + "'; version " + required + " is needed"
                        : "the event store in schema '" + schema + "' has version " + found + ", but version "
                                + required + " is needed");
        this.schema = schema;
        this.found = found;
        this.required = required;
    }

    /**
     * Creates the exception of a role that may not create what is missing.
     *
     * @param schema the name of the schema
     * @param required the version that is needed
     * @param refusal what the server said
     */
    SchemaMismatchException(String schema, int required, SQLException refusal) {
        super(
                "there is no event store in schema '" + schema + "'; version " + required
                        + " is needed, and this role may not create it",
                refusal);
        this.schema = schema;
        this.found = null;
        this.required = required;
    }

    /**
     * Returns the schema that was looked at.
     *
     * @return its name
     */
    public String schema() {
        return schema;
    }

    /**
     * Returns the version that is there.
     *
     * @return the version; null if there is none
     */
    public @Nullable Integer found() {
        return found;
    }

    /**
     * Returns the version that is needed.
     *
     * @return the version
     */
    public int required() {
        return required;
    }
}
