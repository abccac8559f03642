package io.crablet.sample;

import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The database of the application on its own server, and an ordinary role that owns it. A superuser's sessions could take the slots
 * that are reserved for an operator, and could not be cancelled or ended from the endpoint.
 */
final class ApplicationDatabase {

    /** The name of both, as by default on another server. */
    static final String NAME = "crablet";

    private ApplicationDatabase() {}

    /** Creates what is missing. */
    static void create(DataSource superuser) {
        JdbcClient server = JdbcClient.create(superuser);
        if (isMissing(server, "select count(*) from pg_roles where rolname = ?")) {
            server.sql("create role " + NAME + " login").update();
        }
        if (isMissing(server, "select count(*) from pg_database where datname = ?")) {
            server.sql("create database " + NAME + " owner " + NAME).update();
        }
    }

    /** Creates what shows the statements that the server records, which only a superuser may. */
    static void createExtension(DataSource superuserThere) {
        JdbcClient.create(superuserThere)
                .sql("create extension if not exists pg_stat_statements")
                .update();
    }

    private static boolean isMissing(JdbcClient server, String count) {
        return server.sql(count).param(NAME).query(Integer.class).single() == 0;
    }
}
