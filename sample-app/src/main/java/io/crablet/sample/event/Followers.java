package io.crablet.sample.event;

import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.ReadResult;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.task.TaskRejectedException;
import org.springframework.http.HttpStatus;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import tools.jackson.databind.json.JsonMapper;

/**
 * The clients that follow the log. Between two looks at it a follower has neither a thread nor a connection.
 *
 * <p>The scheduler's threads read, others send: sending waits for the client, and one that does not read must not hold up
 * the rest. Tomcat drops it when it has waited for {@code server.tomcat.connection-timeout}.
 *
 * <p>Stops before the web server does, which otherwise would wait for the clients to leave.
 */
@Component
final class Followers implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(Followers.class);

    private static final int SENDERS = 32;

    private final EventStore store;
    private final JsonMapper json;
    private final TaskScheduler scheduler;
    private final FollowProperties properties;
    private final Set<Follower> open = ConcurrentHashMap.newKeySet();
    private final Executor senders = senders();
    private volatile boolean running;

    Followers(EventStore store, JsonMapper json, TaskScheduler scheduler, FollowProperties properties) {
        this.store = store;
        this.json = json;
        this.scheduler = scheduler;
        this.properties = properties;
    }

    /** Its threads end when there is nothing to send, so that it need not be shut down. A follower has one task at most. */
    private static Executor senders() {
        CustomizableThreadFactory threads = new CustomizableThreadFactory("follower-");
        threads.setDaemon(true);
        ThreadPoolExecutor senders =
                new ThreadPoolExecutor(SENDERS, SENDERS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
        senders.allowCoreThreadTimeOut(true);
        return senders;
    }

    /** Returns the answer to a client, in which the events it asks for arrive until it leaves. */
    SseEmitter add(EventSelection selection) {
        Follower follower = new Follower(selection, store, json, properties.heartbeat());
        open.add(follower);
        if (!running) {
            open.remove(follower);
            throw new ResponseStatusException(HttpStatus.SERVICE_UNAVAILABLE, "The application is stopping");
        }
        follower.emitter().onCompletion(() -> open.remove(follower));
        // Not in this thread: before the answer has begun, events would only gather in memory.
        lookAt(Instant.now(), follower);
        return follower.emitter();
    }

    /** Returns how many clients there are. */
    int count() {
        return open.size();
    }

    private void look(Follower follower) {
        endUnless(follower, () -> {
            follower.read()
                    .ifPresentOrElse(found -> senders.execute(() -> send(follower, found)), () -> lookAgain(follower));
            return true;
        });
    }

    private void send(Follower follower, ReadResult found) {
        endUnless(follower, () -> {
            boolean again = follower.send(found);
            if (again) {
                lookAgain(follower);
            }
            return again;
        });
    }

    /** Ends a follower, also after an error, unless it is still there and its step says that it goes on. */
    private void endUnless(Follower follower, BooleanSupplier step) {
        boolean goesOn = false;
        try {
            goesOn = open.contains(follower) && step.getAsBoolean();
        } finally {
            if (!goesOn) {
                open.remove(follower);
                complete(follower);
            }
        }
    }

    /** A client may leave while its request is only just becoming asynchronous, and then the server has ended it already. */
    private static void complete(Follower follower) {
        try {
            follower.emitter().complete();
        } catch (IllegalStateException e) {
            log.debug("A client has gone before its answer could be ended", e);
        }
    }

    private void lookAgain(Follower follower) {
        Instant now = Instant.now();
        lookAt(follower.isBehind() ? now : now.plus(properties.pollInterval()), follower);
    }

    private void lookAt(Instant time, Follower follower) {
        try {
            scheduler.schedule(() -> look(follower), time);
        } catch (TaskRejectedException e) {
            log.debug("The application is stopping", e);
        }
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        open.forEach(Followers::complete);
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
