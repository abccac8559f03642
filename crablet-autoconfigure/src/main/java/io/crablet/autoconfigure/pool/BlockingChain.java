package io.crablet.autoconfigure.pool;

import io.crablet.pool.ServerSession;
import io.crablet.pool.ServerSnapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A session that holds a lock, waits for none itself, and holds up others.
 *
 * @param holder the server's process; 0 for a prepared transaction
 * @param session what it does, null if it is not in this database
 * @param waiting the processes that wait for it, or for others that do, the nearest first
 */
record BlockingChain(int holder, ServerReport.@Nullable Session session, List<Integer> waiting) {

    static List<BlockingChain> of(ServerSnapshot server, boolean showSql) {
        Map<Integer, List<Integer>> blockers = new LinkedHashMap<>();
        server.blocked().forEach(session -> blockers.put(session.pid(), session.blockedBy()));
        Set<Integer> holders = new TreeSet<>();
        blockers.values().forEach(holders::addAll);
        holders.removeAll(blockers.keySet());
        List<BlockingChain> chains = new ArrayList<>();
        for (int holder : holders) {
            ServerSession session = server.sessions().get(holder);
            chains.add(new BlockingChain(
                    holder,
                    session == null ? null : ServerReport.Session.of(session, showSql),
                    waitingFor(holder, blockers)));
        }
        return chains;
    }

    private static List<Integer> waitingFor(int holder, Map<Integer, List<Integer>> blockers) {
        Set<Integer> reached = new LinkedHashSet<>(Set.of(holder));
        int before;
        do {
            before = reached.size();
            Set<Integer> further = new LinkedHashSet<>();
            blockers.forEach((pid, by) -> {
                if (by.stream().anyMatch(reached::contains)) {
                    further.add(pid);
                }
            });
            reached.addAll(further);
        } while (reached.size() > before);
        return reached.stream().skip(1).toList();
    }
}
