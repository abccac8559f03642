package io.crablet.sample.fault;

import io.crablet.pool.PoolWatch;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/** Stages faults in threads that are named after them. */
@FaultComponent
final class Faults implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Faults.class);

    private final Map<String, Fault> faults;
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    Faults(List<Fault> faults) {
        this.faults =
                faults.stream().collect(Collectors.toMap(Fault::kind, Function.identity(), (a, b) -> a, TreeMap::new));
    }

    /**
     * Stages a fault and returns at once.
     *
     * @return what will be seen of it
     * @throws ResponseStatusException 404 if there is no fault of this kind
     */
    String stage(String kind, Order order) {
        Fault fault = faults.get(kind);
        if (fault == null) {
            throw new ResponseStatusException(
                    HttpStatus.NOT_FOUND,
                    "There is no fault '" + kind + "'; there are " + String.join(", ", faults.keySet()));
        }
        int count = fault.threads(order);
        Scene scene = new Scene(Duration.ofSeconds(order.seconds()), count);
        for (int i = 1; i <= count; i++) {
            Thread thread = new Thread(() -> act(fault, scene), "fault-" + kind + "-" + i);
            thread.setDaemon(true);
            // That of the request belongs to the web server, which complains of threads that outlive it.
            thread.setContextClassLoader(Faults.class.getClassLoader());
            threads.add(thread);
            thread.start();
        }
        return fault.effect(order);
    }

    /** Outside of a request nothing tells what a thread borrows for, so it says so itself. */
    @SuppressWarnings("try")
    private void act(Fault fault, Scene scene) {
        try (PoolWatch.Operation operation = PoolWatch.operation("fault: " + fault.kind())) {
            fault.act(scene);
        } catch (SQLException | DataAccessException e) {
            log.info("Fault {} has ended early: {}", fault.kind(), e.getMessage());
        } catch (InterruptedException e) {
            log.debug("Fault {} ends with the application", fault.kind(), e);
        } finally {
            threads.remove(Thread.currentThread());
        }
    }

    /** Ends all faults. */
    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
    }
}
