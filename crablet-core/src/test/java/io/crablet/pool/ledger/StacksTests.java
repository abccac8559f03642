package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StacksTests {

    private static final StackTraceElement LENDING =
            new StackTraceElement("io.crablet.pool.ledger.Lender", "borrow", "Lender.java", 1);

    private static final StackTraceElement APPLICATION =
            new StackTraceElement("com.acme.orders.Import", "run", "Import.java", 42);

    private final Stacks stacks = new Stacks(List.of("com.acme.jdbc", "org.acme."));

    private static StackTraceElement frame(String type, int line) {
        return new StackTraceElement(type, "call", line < 0 ? null : "Some.java", line);
    }

    private List<StackTraceElement> frames(StackTraceElement... stack) {
        Throwable throwable = new Throwable();
        throwable.setStackTrace(stack);
        return stacks.frames(throwable);
    }

    @Test
    void onlyTheApplicationsOwnFramesAreShown() {
        assertThat(frames(
                        LENDING,
                        frame("com.zaxxer.hikari.HikariDataSource", 1),
                        frame("org.springframework.jdbc.core.JdbcTemplate", 1),
                        frame("com.acme.jdbc.Base", 1),
                        frame("org.acme.util.Retry", 1),
                        APPLICATION,
                        frame("java.lang.Thread", 1)))
                .containsExactly(APPLICATION);
    }

    @Test
    void aPackageWhoseNameOnlyBeginsLikeThatIsShown() {
        StackTraceElement other = frame("com.acme.jdbcx.Orders", 1);
        assertThat(frames(LENDING, other)).containsExactly(other);
    }

    @Test
    void generatedClassesAreNotShown() {
        assertThat(frames(
                        LENDING,
                        frame("com.acme.orders.Import$$SpringCGLIB$$0", -1),
                        frame("com.acme.orders.$Proxy42", -1),
                        frame("jdk.proxy2.$Proxy43", -1),
                        APPLICATION))
                .containsExactly(APPLICATION);
    }

    @Test
    void whatACompilerHasNamedIsShown() {
        StackTraceElement inlined = frame("com.acme.orders.Import$run$$inlined$map$1", 7);
        assertThat(frames(LENDING, inlined, APPLICATION)).containsExactly(inlined, APPLICATION);
    }

    @Test
    void withoutAnApplicationTheCallersOfThePoolAreShown() {
        StackTraceElement scheduler = frame("org.quartz.core.JobRunShell", 1);
        assertThat(frames(LENDING, scheduler, frame("java.lang.Thread", 1)))
                .first()
                .isEqualTo(scheduler);
        assertThat(frames(LENDING)).isEmpty();
        assertThat(frames()).isEmpty();
    }

    @Test
    void aDeepStackIsCutShort() {
        StackTraceElement[] deep =
                Stream.generate(() -> APPLICATION).limit(1_000).toArray(StackTraceElement[]::new);
        assertThat(frames(deep)).hasSize(12);
    }
}
