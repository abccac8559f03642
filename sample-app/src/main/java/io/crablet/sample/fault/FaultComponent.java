package io.crablet.sample.fault;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/** A component that is there with the profile {@code faults} only. */
@Component
@Profile("faults")
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@interface FaultComponent {}
