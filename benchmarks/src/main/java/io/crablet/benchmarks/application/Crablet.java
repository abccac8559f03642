package io.crablet.benchmarks.application;

import io.crablet.eventstore.EventStore;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.util.Assert;
import org.springframework.util.ClassUtils;

/** What an application must not have that is to be without the starter. */
final class Crablet {

    private Crablet() {}

    /** The names of its auto-configurations. */
    static List<String> autoConfigurations() {
        ClassLoader classLoader = Crablet.class.getClassLoader();
        return StreamSupport.stream(
                        ImportCandidates.load(AutoConfiguration.class, classLoader)
                                .spliterator(),
                        false)
                .filter(name -> name.startsWith("io.crablet."))
                .toList();
    }

    /** Where on the class path its classes are. */
    static Set<Path> places() {
        Class<?> autoConfiguration =
                ClassUtils.resolveClassName(autoConfigurations().get(0), Crablet.class.getClassLoader());
        return Stream.of(EventStore.class, autoConfiguration)
                .map(Crablet::place)
                .collect(Collectors.toSet());
    }

    private static Path place(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        Assert.state(source != null, () -> type + " is of no place");
        try {
            return Path.of(source.getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
