package io.crablet.sample.course;

import static org.springframework.http.HttpStatus.CONFLICT;
import static org.springframework.http.HttpStatus.NOT_FOUND;

import java.net.URI;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/** Why a command is refused, as a client can tell it by the {@code type} of the problem. */
enum Refusal {
    COURSE_EXISTS(CONFLICT, "course-exists", "Course exists"),
    COURSE_UNKNOWN(NOT_FOUND, "course-unknown", "Course unknown"),
    COURSE_FULL(CONFLICT, "course-full", "Course full"),
    CAPACITY_BELOW_SUBSCRIBED(CONFLICT, "capacity-below-subscribed", "Capacity below subscribed"),
    ALREADY_SUBSCRIBED(CONFLICT, "already-subscribed", "Already subscribed"),
    NOT_SUBSCRIBED(NOT_FOUND, "not-subscribed", "Not subscribed"),
    TOO_MANY_COURSES(CONFLICT, "too-many-courses", "Too many courses");

    private final HttpStatus status;
    private final URI type;
    private final String title;

    Refusal(HttpStatus status, String type, String title) {
        this.status = status;
        this.type = URI.create("urn:crablet-sample:" + type);
        this.title = title;
    }

    /**
     * Returns the refusal as an exception that Spring MVC answers with {@code application/problem+json}.
     *
     * @param detail what is the matter, with the figures
     */
    ErrorResponseException because(String detail) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
        problem.setType(type);
        problem.setTitle(title);
        return new ErrorResponseException(status, problem, null);
    }
}
