package io.crablet.sample.event;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How clients follow the log.
 *
 * @param pollInterval time between two looks for new events
 * @param heartbeat time without an event after which a comment is sent, by which a client that has gone is noticed
 */
@ConfigurationProperties("sample.follow")
record FollowProperties(
        @DefaultValue("300ms") Duration pollInterval,
        @DefaultValue("15s") Duration heartbeat) {}
