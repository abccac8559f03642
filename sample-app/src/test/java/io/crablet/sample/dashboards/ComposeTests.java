package io.crablet.sample.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ComposeTests {

    private final Map<String, ?> services = DashboardFiles.map(
            DashboardFiles.yaml(DashboardFiles.ROOT.resolve("compose.yaml")).get("services"));

    @Test
    void everyFileThatIsMountedOrBuiltFromIsThere() {
        assertThat(mounts()).isNotEmpty().allSatisfy(mount -> {
            assertThat(DashboardFiles.ROOT.resolve(mount.split(":")[0])).exists();
            assertThat(mount).endsWith(":ro");
        });
        Map<String, ?> build = DashboardFiles.map(service("sample").get("build"));
        assertThat(DashboardFiles.ROOT.resolve(String.valueOf(build.get("dockerfile"))))
                .exists();
    }

    @Test
    void everyDashboardIsMountedWhereGrafanaLooksForThem() {
        Map<String, ?> provider = DashboardFiles.list(
                        DashboardFiles.yaml(DashboardFiles.GRAFANA.resolve("provisioning/dashboards/crablet.yml"))
                                .get("providers"))
                .get(0);
        Object folder = DashboardFiles.map(provider.get("options")).get("path");
        assertThat(DashboardFiles.dashboards())
                .allSatisfy(dashboard -> assertThat(mounts())
                        .contains("./dashboards/grafana/" + dashboard.file() + ":" + folder + "/" + dashboard.file()
                                + ":ro"));
    }

    @Test
    void onlyThisMachineReachesThePorts() {
        assertThat(services.keySet().stream()
                        .flatMap(name -> texts(service(name).get("ports"))))
                .hasSize(3)
                .allSatisfy(port -> assertThat(port).startsWith("127.0.0.1:"));
    }

    @Test
    void imagesArePinned() {
        assertThat(services.keySet().stream()
                        .filter(name -> service(name).containsKey("image"))
                        .map(name -> String.valueOf(service(name).get("image"))))
                .hasSize(3)
                .allSatisfy(image -> assertThat(image).matches("[\\w/]+:v?\\d+\\.\\d+(\\.\\d+)?"));
    }

    @Test
    void prometheusLoadsTheRulesAndAsksTheSample() {
        Map<String, ?> config = DashboardFiles.yaml(DashboardFiles.PROMETHEUS.resolve("prometheus.yml"));
        assertThat(config.get("rule_files"))
                .isEqualTo(List.of(DashboardFiles.RULES.getFileName().toString()));
        assertThat(DashboardFiles.list(config.get("scrape_configs")).toString())
                .contains("/actuator/prometheus", "sample:8080");
        assertThat(service("sample").get("ports").toString()).contains(":8080");
    }

    private Stream<String> texts(Object list) {
        return list == null ? Stream.of() : ((List<?>) list).stream().map(String::valueOf);
    }

    private List<String> mounts() {
        return services.keySet().stream()
                .flatMap(name -> texts(service(name).get("volumes")))
                .toList();
    }

    private Map<String, ?> service(String name) {
        return DashboardFiles.map(services.get(name));
    }
}
