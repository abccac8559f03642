package io.crablet.autoconfigure.eventstore;

import io.crablet.eventstore.postgres.PostgresSchema;
import io.crablet.eventstore.postgres.SchemaMismatchException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says what to run where the event store's schema is missing or of another version. */
final class SchemaMismatchFailureAnalyzer extends AbstractFailureAnalyzer<SchemaMismatchException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, SchemaMismatchException cause) {
        return new FailureAnalysis("The event store cannot be used: " + cause.getMessage() + ".", action(cause), cause);
    }

    private static String action(SchemaMismatchException cause) {
        Integer found = cause.found();
        if (found != null && found > cause.required()) {
            return "Use the version of Crablet that the schema was made for, or a later one.";
        }
        return """
                Do one of these:
                  - run the script %1$s of crablet-core, with search_path set to "%2$s", by hand or as a migration;
                  - let the application do it: crablet.event-store.initialize-schema=always, with a role that may create in it;
                  - if the log is in another schema, name it in crablet.event-store.schema.\
                """.formatted(PostgresSchema.SCRIPT, cause.schema());
    }
}
