package io.crablet.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Describes the machine, without its name. */
final class Machine {

    private static final Path CPU = Path.of("/proc/cpuinfo");

    private static final Path DISTRIBUTION = Path.of("/etc/os-release");

    private Machine() {}

    static Map<String, String> describe() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("cores", String.valueOf(system.getAvailableProcessors()));
        value(CPU, "model name", ":").ifPresent(model -> machine.put("CPU", model));
        machine.put("architecture", system.getArch());
        machine.put("memory", Math.round(system.getTotalMemorySize() / (double) (1 << 30)) + " GB");
        machine.put("system", value(DISTRIBUTION, "PRETTY_NAME", "=").orElse(system.getName()));
        machine.put("kernel", system.getName() + " " + system.getVersion());
        return machine;
    }

    /** Returns what stands behind a name in one of Linux's files; nothing on other systems. */
    private static Optional<String> value(Path file, String name, String separator) {
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(name) && line.contains(separator))
                    .map(line -> line.substring(line.indexOf(separator) + 1)
                            .replace("\"", "")
                            .strip())
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
