package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.servlet.HandlerMapping;

class HttpRouteTests {

    @AfterEach
    void reset() {
        RequestContextHolder.resetRequestAttributes();
    }

    @Test
    void aMethodThatTheClientMadeUpMakesNoNewName() {
        assertThat(operation("PATCH")).isEqualTo("PATCH /courses/{id}");
        assertThat(operation("get")).isEqualTo("UNKNOWN /courses/{id}");
        assertThat(operation("X4711")).isEqualTo("UNKNOWN /courses/{id}");
    }

    private static String operation(String method) {
        MockHttpServletRequest request = new MockHttpServletRequest(method, "/courses/1");
        request.setAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE, "/courses/{id}");
        RequestContextHolder.setRequestAttributes(new ServletRequestAttributes(request));
        return new HttpRoute().operation();
    }
}
