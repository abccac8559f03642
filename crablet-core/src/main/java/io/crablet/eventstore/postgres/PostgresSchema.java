package io.crablet.eventstore.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Creates the event store's schema, or checks that it is there.
 *
 * <p>The same SQL stands in {@value #SCRIPT} on the class path, to be run by hand or by Flyway or Liquibase. Thread-safe.
 */
public final class PostgresSchema {

    /** The version of the schema that this version of the store works with. */
    public static final int VERSION = 1;

    /** The class path resource with the SQL that creates the schema. */
    public static final String SCRIPT = "io/crablet/eventstore/postgres/crablet-schema.sql";

    private static final Logger logger = LoggerFactory.getLogger(PostgresSchema.class);

    private static final String TASK = "creating the event store's schema";

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    /** "crablet" in ASCII: one initialization at a time in a database. */
    private static final long INITIALIZATION_LOCK = 0x637261626c6574L;

    private final DataSource dataSource;
    private final JdbcTemplate jdbcTemplate;
    private final String schema;

    /**
     * Creates the helper.
     *
     * @param dataSource where a connection comes from
     * @param schema the name of the schema that holds the log, as it is, without quotes
     */
    public PostgresSchema(DataSource dataSource, String schema) {
        this.dataSource = dataSource;
        this.jdbcTemplate = new JdbcTemplate(dataSource);
        this.schema = schema;
        Identifier.quote(schema);
    }

    /**
     * Creates what is missing: the schema, the tables, the function. Does nothing where the version is there already. Safe
     * when several instances start at once. The role needs the right to create.
     *
     * @throws SchemaMismatchException if another version is there, or if none is and the role may not create it
     * @throws DataAccessException if the database refuses for another reason
     */
    public void initialize() {
        if (version().isEmpty()) {
            create();
        }
        validate();
    }

    /**
     * Checks that the schema is there and fits.
     *
     * @throws SchemaMismatchException if it is missing or of another version
     * @throws DataAccessException if the database refuses
     */
    public void validate() {
        Optional<Integer> version = version();
        if (!version.equals(Optional.of(VERSION))) {
            throw new SchemaMismatchException(schema, version.orElse(null), VERSION);
        }
    }

    private Optional<Integer> version() {
        return Objects.requireNonNull(jdbcTemplate.execute((ConnectionCallback<Optional<Integer>>) this::version));
    }

    private Optional<Integer> version(Connection connection) throws SQLException {
        String product = connection.getMetaData().getDatabaseProductName();
        if (!product.equals("PostgreSQL")) {
            throw new InvalidDataAccessResourceUsageException(
                    "the event store needs PostgreSQL, but the data source is of " + product
                            + "; crablet.event-store.enabled=false does without it");
        }
        String name = Identifier.quote(schema) + ".crablet_schema_version()";
        try (PreparedStatement lookup = connection.prepareStatement("select to_regprocedure(?) is not null")) {
            lookup.setString(1, name);
            try (ResultSet row = lookup.executeQuery()) {
                row.next();
                if (!row.getBoolean(1)) {
                    return Optional.empty();
                }
            }
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select " + name)) {
            row.next();
            return Optional.of(row.getInt(1));
        }
    }

    /** In a transaction of its own, also where the caller is in one. */
    private void create() {
        try (Connection connection = dataSource.getConnection()) {
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(false);
            try {
                create(connection);
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                rollback(connection, autoCommit, e);
                throw e;
            }
            connection.setAutoCommit(autoCommit);
        } catch (SQLException e) {
            if (INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                throw new SchemaMismatchException(schema, VERSION, e);
            }
            DataAccessException known = jdbcTemplate.getExceptionTranslator().translate(TASK, null, e);
            throw known != null ? known : new UncategorizedSQLException(TASK, null, e);
        }
    }

    /** What fails on the way out must not hide the failure itself. */
    private static void rollback(Connection connection, boolean autoCommit, Exception cause) {
        try {
            connection.rollback();
            connection.setAutoCommit(autoCommit);
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("select pg_advisory_xact_lock(" + INITIALIZATION_LOCK + ")");
            if (version(connection).isEmpty()) {
                if (!isThere(connection)) {
                    statement.execute("create schema " + Identifier.quote(schema));
                }
                statement.execute("set local search_path = " + Identifier.quote(schema));
                statement.execute(script());
                logger.info("Created version {} of the event store in schema {}", VERSION, schema);
            }
        }
    }

    /** Asked, as `if not exists` wants the right to create a schema also where there is one. */
    private boolean isThere(Connection connection) throws SQLException {
        try (PreparedStatement lookup = connection.prepareStatement("select to_regnamespace(?) is not null")) {
            lookup.setString(1, Identifier.quote(schema));
            try (ResultSet row = lookup.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private static String script() {
        ClassLoader classLoader = PostgresSchema.class.getClassLoader();
        try (InputStream script = Objects.requireNonNull(classLoader).getResourceAsStream(SCRIPT)) {
            return new String(Objects.requireNonNull(script, SCRIPT).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
