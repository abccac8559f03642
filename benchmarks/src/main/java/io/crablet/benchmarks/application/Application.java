package io.crablet.benchmarks.application;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;

/** The smallest web application with a database: nothing of its own but a first question. It knows nothing of Crablet. */
@SpringBootApplication
class Application {

    /** Whether the database is asked something before the application is ready. */
    static final String FIRST_QUESTION = "application.first-question";

    /** As migrations, or whatever an application loads at its start. */
    @Bean
    @ConditionalOnBooleanProperty(FIRST_QUESTION)
    ApplicationRunner firstQuestion(JdbcTemplate jdbc) {
        return arguments -> jdbc.queryForObject("select 1", Integer.class);
    }
}
