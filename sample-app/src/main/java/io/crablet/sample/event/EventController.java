package io.crablet.sample.event;

import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.SequencedEvent;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Iterator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.http.MediaType;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import tools.jackson.databind.json.JsonMapper;

/** The event log over HTTP. */
@RestController
@RequestMapping("/events")
final class EventController {

    private final EventStore store;
    private final Followers followers;
    private final JsonMapper json;

    EventController(EventStore store, Followers followers, JsonMapper json) {
        this.store = store;
        this.followers = followers;
        this.json = json;
    }

    /** Writes the events that there are, one a line, while they are read: however many, few are in memory. */
    @GetMapping
    void list(@RequestParam MultiValueMap<String, String> parameters, HttpServletResponse response)
            throws IOException, ServletException {
        EventSelection selection = EventSelection.of(parameters, null);
        response.setContentType(MediaType.APPLICATION_NDJSON_VALUE);
        try (Stream<SequencedEvent> events = store.stream(selection.query(), selection.options())) {
            write(events.iterator(), response.getOutputStream());
        } catch (DataAccessException e) {
            if (!response.isCommitted()) {
                response.reset();
                throw e;
            }
            // Not to be answered any more: the server breaks the connection, so that the client does not take what it
            // has for
            // the whole.
            throw new ServletException("reading the events failed after some of them had been sent", e);
        }
    }

    /** Sends the events that there are, then each new one as soon as it is seen. */
    @GetMapping(produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter follow(
            @RequestParam MultiValueMap<String, String> parameters,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastEventId) {
        return followers.add(EventSelection.of(parameters, lastEventId));
    }

    private void write(Iterator<SequencedEvent> events, OutputStream out) throws IOException {
        while (events.hasNext()) {
            out.write(json.writeValueAsBytes(EventLine.of(events.next())));
            out.write('\n');
        }
    }
}
