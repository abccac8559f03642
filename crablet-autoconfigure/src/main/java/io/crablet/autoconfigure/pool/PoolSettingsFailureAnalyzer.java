package io.crablet.autoconfigure.pool;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Turns a {@link PoolSettingsException} into Spring Boot's description and action. */
final class PoolSettingsFailureAnalyzer extends AbstractFailureAnalyzer<PoolSettingsException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, PoolSettingsException cause) {
        return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.action(), cause);
    }
}
