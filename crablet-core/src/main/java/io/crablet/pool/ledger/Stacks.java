package io.crablet.pool.ledger;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Finds the application's own frames in a stack. */
final class Stacks {

    /** Enough to see who called whom, and little enough for a page with 300 of them. */
    private static final int MAX_FRAMES = 12;

    /** Of a stack in which everything is left out: the first frames that are not of the pool itself. */
    private static final int MAX_FOREIGN_FRAMES = 5;

    private static final List<String> POOL = List.of(
            "io.crablet.pool.",
            "io.crablet.autoconfigure.",
            "com.zaxxer.hikari.",
            "java.lang.reflect.",
            "jdk.internal.reflect.",
            "jdk.proxy",
            "org.springframework.aop.",
            "org.springframework.cglib.",
            "org.springframework.jdbc.datasource.");

    private static final List<String> FRAMEWORKS = List.of(
            "io.crablet.eventstore.",
            "java.",
            "javax.",
            "jdk.",
            "sun.",
            "com.sun.",
            "jakarta.",
            "kotlin.",
            "kotlinx.",
            "scala.",
            "groovy.",
            "org.codehaus.groovy.",
            "org.apache.groovy.",
            "org.postgresql.",
            "org.springframework.",
            "org.hibernate.",
            "org.eclipse.persistence.",
            "org.jooq.",
            "org.apache.ibatis.",
            "org.mybatis.",
            "org.flywaydb.",
            "liquibase.",
            "net.ttddyy.",
            "org.apache.catalina.",
            "org.apache.coyote.",
            "org.apache.tomcat.",
            "org.eclipse.jetty.",
            "io.undertow.",
            "io.micrometer.",
            "io.opentelemetry.",
            "io.netty.",
            "reactor.",
            "org.quartz.",
            "org.aspectj.",
            "org.junit.",
            "org.apache.maven.surefire.",
            "org.gradle.",
            "com.fasterxml.jackson.",
            "tools.jackson.",
            "org.slf4j.",
            "ch.qos.logback.");

    private final List<String> skipped;

    Stacks(List<String> skippedPackages) {
        List<String> all = new ArrayList<>(POOL);
        all.addAll(FRAMEWORKS);
        for (String name : skippedPackages) {
            all.add(name.endsWith(".") ? name : name + ".");
        }
        this.skipped = List.copyOf(all);
    }

    /** The application's frames, the innermost first. */
    List<StackTraceElement> frames(Throwable stack) {
        StackTraceElement[] all = stack.getStackTrace();
        List<StackTraceElement> own = Arrays.stream(all)
                .filter(frame -> !isIn(skipped, frame))
                .limit(MAX_FRAMES)
                .toList();
        return own.isEmpty()
                ? Arrays.stream(all)
                        .filter(frame -> !isIn(POOL, frame))
                        .limit(MAX_FOREIGN_FRAMES)
                        .toList()
                : own;
    }

    private static boolean isIn(List<String> packages, StackTraceElement frame) {
        String name = frame.getClassName();
        return isGenerated(frame) || packages.stream().anyMatch(name::startsWith);
    }

    /** Such as a proxy around a class of the application. It has no lines, unlike what a compiler has named in this way. */
    private static boolean isGenerated(StackTraceElement frame) {
        String name = frame.getClassName();
        return frame.getLineNumber() < 0 && (name.contains("$$") || name.contains("$Proxy"));
    }
}
