package io.crablet.benchmarks.ledger;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.benchmarks.Run;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What is left of the differences when a server has to answer. Not by JMH, whose subjects come one after the other: these are all
 * open, and warm, and take turns that are short.
 */
final class SelectOne implements AutoCloseable {

    private static final int POOL_SIZE = 8;

    private final List<HikariDataSource> pools = new ArrayList<>();

    private final Map<Subject, Lending> lendings = new LinkedHashMap<>();

    SelectOne(Run run) throws SQLException {
        String url = run.server().createDatabase("benchmark_ledger");
        for (Subject subject : List.of(Subject.HIKARI, Subject.HIKARI_LEAK_DETECTION, Subject.CRABLET)) {
            HikariDataSource pool = run.server().pool(url, POOL_SIZE);
            pools.add(pool);
            lendings.put(subject, subject.over(pool));
        }
    }

    /**
     * Measures.
     *
     * @return queries a second of each subject, for each round
     */
    Map<Subject, List<Double>> rates(int threads, int rounds, Duration turn)
            throws InterruptedException, ExecutionException {
        Map<Subject, List<Double>> rates = new LinkedHashMap<>();
        // The first round is for the compiler.
        for (int round = 0; round <= rounds; round++) {
            for (Map.Entry<Subject, Lending> each : lendings.entrySet()) {
                double rate = rate(each.getValue(), threads, turn);
                if (round > 0) {
                    rates.computeIfAbsent(each.getKey(), unseen -> new ArrayList<>())
                            .add(rate);
                }
            }
        }
        return rates;
    }

    private static double rate(Lending lending, int threads, Duration turn)
            throws InterruptedException, ExecutionException {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            long start = System.nanoTime();
            long end = start + turn.toNanos();
            List<Future<Integer>> callers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                callers.add(executor.submit(() -> selectUntil(end, lending)));
            }
            long queries = 0;
            for (Future<Integer> caller : callers) {
                queries += caller.get();
            }
            return queries * 1e9 / (System.nanoTime() - start);
        } finally {
            executor.shutdownNow();
        }
    }

    private static int selectUntil(long end, Lending lending) throws SQLException {
        int sum = 0;
        while (System.nanoTime() - end < 0) {
            sum += select(lending);
        }
        return sum;
    }

    private static int select(Lending lending) throws SQLException {
        try (Connection connection = lending.borrow();
                PreparedStatement statement = connection.prepareStatement("SELECT 1");
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }

    @Override
    public void close() {
        lendings.values().forEach(Lending::close);
        pools.forEach(HikariDataSource::close);
    }
}
