package io.crablet.pool;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** Catches what is logged on the logger of the statistics. */
final class StatsLog extends AppenderBase<ILoggingEvent> implements AutoCloseable {

    private final Logger logger = (Logger) LoggerFactory.getLogger(PoolStatistics.LOGGER);

    private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();

    private final List<String> lines = new CopyOnWriteArrayList<>();

    StatsLog(Level level) {
        logger.setLevel(level);
        logger.addAppender(this);
        start();
    }

    /** The keys and values of a line. */
    Map<String, Object> values(int line) {
        Map<String, Object> values = new LinkedHashMap<>();
        events.get(line).getKeyValuePairs().forEach(pair -> values.put(pair.key, pair.value));
        return values;
    }

    List<String> lines() {
        return lines;
    }

    @Override
    protected void append(ILoggingEvent event) {
        events.add(event);
        lines.add(event.getLevel() + " " + event.getFormattedMessage());
    }

    @Override
    public void close() {
        logger.detachAppender(this);
        logger.setLevel(null);
    }
}
