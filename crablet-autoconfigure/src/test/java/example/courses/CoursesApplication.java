package example.courses;

import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.PoolWatch;
import io.crablet.pool.ledger.ConnectionLedger;
import jakarta.servlet.Filter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** An application as a user would write it, in a package of its own, that tells what its borrows are called. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableScheduling
@Import({CoursesApplication.Courses.class, CoursesApplication.CourseController.class, CoursesApplication.Reminders.class
})
public class CoursesApplication {

    /** What the request's filter has borrowed for, before the handler was chosen. */
    public static final AtomicReference<@Nullable String> IN_FILTER = new AtomicReference<>();

    @Bean
    FilterRegistrationBean<Filter> borrowingFilter(Borrows borrows) {
        return new FilterRegistrationBean<>((request, response, chain) -> {
            IN_FILTER.set(borrows.operationOfABorrow());
            chain.doFilter(request, response);
        });
    }

    @Bean
    Borrows borrows(DataSource dataSource) {
        return new Borrows(dataSource);
    }

    /** Looks into the ledger. */
    public static class Borrows {

        private final DataSource dataSource;

        private volatile @Nullable Connection kept;

        Borrows(DataSource dataSource) {
            this.dataSource = dataSource;
        }

        /** Borrows a connection and tells what the ledger says of that. */
        public BorrowedConnection borrow() {
            try (Connection connection = dataSource.getConnection()) {
                connection.createStatement().execute("select 1");
                return latest();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        public @Nullable String operationOfABorrow() {
            return borrow().operation();
        }

        /** What the ledger says of the connection that this thread has borrowed last. */
        public BorrowedConnection latest() {
            String self = Thread.currentThread().getName();
            try {
                return dataSource.unwrap(ConnectionLedger.class).snapshot().borrowed().stream()
                        .filter(one -> one.thread().equals(self))
                        .reduce((first, second) -> second)
                        .orElseThrow();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Borrows a connection, uses it and does not return it. */
        public void keep() {
            try {
                Connection connection = dataSource.getConnection();
                connection.createStatement().execute("select 1");
                kept = connection;
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        /** From here on any collection of garbage may find what was kept. */
        public void forget() {
            kept = null;
        }
    }

    /** A service with transactions. */
    public static class Courses {

        private final JdbcTemplate jdbc;

        private final Borrows borrows;

        Courses(JdbcTemplate jdbc, Borrows borrows) {
            this.jdbc = jdbc;
            this.borrows = borrows;
        }

        @Transactional
        public @Nullable String subscribe() {
            jdbc.execute("select 1");
            return borrows.latest().operation();
        }
    }

    @RestController
    static class CourseController {

        private final Borrows borrows;

        private final Courses courses;

        CourseController(Borrows borrows, Courses courses) {
            this.borrows = borrows;
            this.courses = courses;
        }

        @GetMapping("/courses/{id}")
        @Nullable
        String course(@PathVariable String id) {
            return borrows.operationOfABorrow();
        }

        @GetMapping("/courses/{id}/subscribe")
        @Nullable
        String subscribe(@PathVariable String id) {
            return courses.subscribe();
        }

        @GetMapping("/courses/{id}/import")
        @Nullable
        String imported(@PathVariable String id) {
            try (PoolWatch.Operation operation = PoolWatch.operation("import courses")) {
                return operation == null ? null : borrows.operationOfABorrow();
            }
        }

        @GetMapping("/courses/{id}/keep")
        String keep(@PathVariable String id) {
            borrows.keep();
            return id;
        }
    }

    /** A scheduled task. */
    public static class Reminders {

        /** What its last run has borrowed for. */
        public static final AtomicReference<@Nullable String> LAST = new AtomicReference<>();

        private final Borrows borrows;

        Reminders(Borrows borrows) {
            this.borrows = borrows;
        }

        @Scheduled(fixedDelay = 100)
        void send() {
            LAST.set(borrows.operationOfABorrow());
        }
    }
}
