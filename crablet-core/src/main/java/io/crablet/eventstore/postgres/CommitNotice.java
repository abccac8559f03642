package io.crablet.eventstore.postgres;

import java.util.HashSet;
import java.util.Set;
import org.springframework.transaction.support.TransactionSynchronization;

/** Tells of an append in a caller's transaction once that has committed, unless it was rolled back to a savepoint before. */
final class CommitNotice implements TransactionSynchronization {

    private final Runnable notice;
    private final Set<Object> laterSavepoints = new HashSet<>();
    private boolean undone;

    CommitNotice(Runnable notice) {
        this.notice = notice;
    }

    @Override
    public void savepoint(Object savepoint) {
        laterSavepoints.add(savepoint);
    }

    @Override
    public void savepointRollback(Object savepoint) {
        undone |= !laterSavepoints.contains(savepoint);
    }

    @Override
    public void afterCommit() {
        if (!undone) {
            notice.run();
        }
    }
}
