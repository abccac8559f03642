package io.crablet.pool.ledger;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/** Catches what is logged of ledgers. */
final class LedgerEvents extends AppenderBase<ILoggingEvent> implements AutoCloseable {

    private final Logger logger = (Logger) LoggerFactory.getLogger(LedgerLog.class);

    private final List<Logged> events = new CopyOnWriteArrayList<>();

    record Logged(String message, Map<String, Object> fields) {}

    LedgerEvents() {
        logger.setLevel(Level.WARN);
        logger.addAppender(this);
        start();
    }

    List<Logged> of(String event) {
        return events.stream()
                .filter(logged -> event.equals(logged.fields().get("event.action")))
                .toList();
    }

    List<Logged> all() {
        return events;
    }

    @Override
    protected void append(ILoggingEvent event) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (KeyValuePair pair : event.getKeyValuePairs()) {
            fields.put(pair.key, pair.value);
        }
        events.add(new Logged(event.getFormattedMessage(), fields));
    }

    @Override
    public void close() {
        logger.detachAppender(this);
        logger.setLevel(null);
    }
}
