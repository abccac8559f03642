package io.crablet.autoconfigure.pool;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the database server is watched beside the pool.
 *
 * @param url JDBC URL for the watch's own connection, where the pool's will not do, for example past a PgBouncer. With
 *     several pools it counts for the primary one.
 * @param username User for that URL. The pool's unless set.
 * @param password Password of that user. The pool's unless set.
 * @param timeout Time after which no answer means that the database cannot be reached.
 * @param longQuery Time after which a query counts as long-running.
 * @param idleInTransaction Time after which a session that is idle in a transaction is counted.
 * @param topStatementsInterval Time between two questions for the statements of the pool's role that took most of the server's time,
 *     where pg_stat_statements is installed. 0 for never.
 */
@ConfigurationProperties(PoolServerProperties.PREFIX)
record PoolServerProperties(
        @Nullable String url,
        @Nullable String username,
        @Nullable String password,
        @DefaultValue("2s") Duration timeout,
        @DefaultValue("30s") Duration longQuery,
        @DefaultValue("30s") Duration idleInTransaction,
        @DefaultValue("30s") Duration topStatementsInterval) {

    static final String PREFIX = "crablet.pool.server";

    PoolServerProperties {
        PropertyChecks.positive(PREFIX + ".timeout", timeout);
        PropertyChecks.positive(PREFIX + ".long-query", longQuery);
        PropertyChecks.positive(PREFIX + ".idle-in-transaction", idleInTransaction);
        PropertyChecks.notNegative(PREFIX + ".top-statements-interval", topStatementsInterval);
    }

    /** Without the URL and the password. */
    @Override
    public String toString() {
        return "PoolServerProperties[username=%s, timeout=%s]".formatted(username, timeout);
    }
}
