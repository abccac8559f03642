package io.crablet.sample.course;

import jakarta.validation.Constraint;
import jakarta.validation.Payload;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The id of a course or a student: any text that has a place in a URL's path. */
@NotBlank
@Size(max = ValidId.MAX_LENGTH)
@Pattern(
        regexp = "(?!\\.{1,2}$)[^\\p{Cc}\\p{Cs}/\\\\]*",
        message = "must not hold slashes, backslashes or control characters, and not be . or ..")
@Constraint(validatedBy = {})
@Target({ElementType.FIELD, ElementType.PARAMETER, ElementType.RECORD_COMPONENT})
@Retention(RetentionPolicy.RUNTIME)
@interface ValidId {

    int MAX_LENGTH = 100;

    String message() default "is not an id";

    Class<?>[] groups() default {};

    Class<? extends Payload>[] payload() default {};
}
