package io.crablet.pool.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.ds.common.BaseDataSource;

/**
 * Which server, or servers, connections go to, and to which database.
 *
 * @param hosts each with its port, in lower case, in the order of the alphabet
 * @param database the database
 * @param primaryOnly whether of several hosts only the primary is taken
 */
public record ServerAddress(List<String> hosts, String database, boolean primaryOnly) {

    /**
     * Copies the list.
     *
     * @param hosts the hosts
     * @param database the database
     * @param primaryOnly whether only the primary is taken
     */
    public ServerAddress {
        hosts = List.copyOf(hosts);
    }

    static @Nullable ServerAddress of(String url, Properties defaults) {
        Properties parsed = url.startsWith("jdbc:postgresql:") ? Driver.parseURL(url, defaults) : null;
        if (parsed == null) {
            return null;
        }
        String[] names = text(PGProperty.PG_HOST, parsed).split(",");
        String[] ports = text(PGProperty.PG_PORT, parsed).split(",");
        List<String> hosts = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
            hosts.add(host(names[i], i < ports.length ? ports[i] : ""));
        }
        return of(hosts, text(PGProperty.PG_DBNAME, parsed), PGProperty.TARGET_SERVER_TYPE.getOrDefault(parsed));
    }

    static ServerAddress of(BaseDataSource source) {
        String[] names = source.getServerNames();
        int[] ports = source.getPortNumbers();
        List<String> hosts = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
            hosts.add(host(names[i], i < ports.length && ports[i] != 0 ? String.valueOf(ports[i]) : ""));
        }
        return of(hosts, Objects.requireNonNullElse(source.getDatabaseName(), ""), source.getTargetServerType());
    }

    private static ServerAddress of(List<String> hosts, String database, @Nullable String type) {
        return new ServerAddress(
                hosts.stream().sorted().toList(), database, "primary".equals(type) || "master".equals(type));
    }

    /**
     * Whether all connections go to the same server, as far as the address says it: behind one name there may be several.
     *
     * @return whether there is one host, or of several the primary is taken
     */
    public boolean isOneServer() {
        return hosts.size() == 1 || primaryOnly;
    }

    /**
     * Tells servers apart.
     *
     * @return hosts, ports and database, without anything that only settles how to connect
     */
    public String key() {
        return String.join(",", hosts) + "/" + database;
    }

    private static String host(String name, String port) {
        return name.toLowerCase(Locale.ROOT) + ":" + (port.isEmpty() ? PGProperty.PG_PORT.getDefaultValue() : port);
    }

    private static String text(PGProperty property, Properties from) {
        return Objects.requireNonNullElse(property.getOrDefault(from), "");
    }
}
