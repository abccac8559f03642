package io.crablet.sample;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.MessageSourceResolvable;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;
import org.springframework.validation.method.ParameterErrors;
import org.springframework.validation.method.ParameterValidationResult;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import tools.jackson.core.JacksonException;

/** Answers what goes wrong with {@code application/problem+json} whose detail says what to change. */
@RestControllerAdvice
final class Problems extends ResponseEntityExceptionHandler {

    private static final Logger log = LoggerFactory.getLogger(Problems.class);

    private static final String RETRY_AFTER_SECONDS = "1";

    @Override
    protected @Nullable ResponseEntity<Object> handleMethodArgumentNotValid(
            MethodArgumentNotValidException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        return badRequest(e, describe(e.getAllErrors().stream().map(Problems::describe)), headers, request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHandlerMethodValidationException(
            HandlerMethodValidationException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        Stream<String> errors = e.getParameterValidationResults().stream().flatMap(Problems::describe);
        return badRequest(e, describe(errors), headers, request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        return badRequest(e, describe(e), headers, request);
    }

    /** No connection, a timeout, or a decision that others have overtaken again and again: later it may well work. */
    @ExceptionHandler({TransientDataAccessException.class, DataAccessResourceFailureException.class})
    @Nullable
    ResponseEntity<Object> handleUnavailable(RuntimeException e, WebRequest request) {
        log.warn(
                "Answered 503: {}", NestedExceptionUtils.getMostSpecificCause(e).toString());
        HttpHeaders headers = new HttpHeaders();
        headers.set(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
        HttpStatus status = HttpStatus.SERVICE_UNAVAILABLE;
        ProblemDetail problem =
                ProblemDetail.forStatusAndDetail(status, "The database is too busy or can not be reached. Try again");
        return handleExceptionInternal(e, problem, headers, status, request);
    }

    private @Nullable ResponseEntity<Object> badRequest(
            Exception e, String detail, HttpHeaders headers, WebRequest request) {
        HttpStatus status = HttpStatus.BAD_REQUEST;
        return handleExceptionInternal(e, ProblemDetail.forStatusAndDetail(status, detail), headers, status, request);
    }

    private static String describe(Stream<String> errors) {
        return errors.distinct().sorted().collect(Collectors.joining("; "));
    }

    private static Stream<String> describe(ParameterValidationResult result) {
        if (result instanceof ParameterErrors errors) {
            return errors.getAllErrors().stream().map(Problems::describe);
        }
        String name = result.getMethodParameter().getParameterName();
        return result.getResolvableErrors().stream()
                .map(MessageSourceResolvable::getDefaultMessage)
                .map(message -> name + " " + message);
    }

    private static String describe(ObjectError error) {
        String name = error instanceof FieldError field ? field.getField() : error.getObjectName();
        return name + " " + error.getDefaultMessage();
    }

    private static String describe(HttpMessageNotReadableException e) {
        if (e.getCause() instanceof JacksonException jackson) {
            List<String> path = jackson.getPath().stream()
                    .map(JacksonException.Reference::getPropertyName)
                    .filter(name -> name != null)
                    .toList();
            return path.isEmpty()
                    ? "The body is not the JSON object that is expected here"
                    : String.join(".", path) + " is not of the type that is expected here";
        }
        return "The body is missing or can not be read";
    }
}
