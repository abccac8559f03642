package io.crablet.eventstore.postgres;

import java.util.function.LongConsumer;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Tells of the head that reads in a caller's transaction have seen, once that has committed: before, it may be of events of its
 * own. One for all reads of a transaction, of which there may be many.
 */
final class HeadNotice implements TransactionSynchronization {

    private final Object reader;
    private final LongConsumer listener;
    private long seen;

    private HeadNotice(Object reader, LongConsumer listener) {
        this.reader = reader;
        this.listener = listener;
    }

    /**
     * Notes a head until the transaction of this thread commits. Without one that Spring has begun nobody would say when.
     *
     * @param reader who has read, told apart by identity
     */
    static void onCommit(Object reader, long head, LongConsumer listener) {
        if (!TransactionSynchronizationManager.isSynchronizationActive()) {
            return;
        }
        HeadNotice notice = (HeadNotice) TransactionSynchronizationManager.getResource(reader);
        if (notice == null) {
            notice = new HeadNotice(reader, listener);
            TransactionSynchronizationManager.registerSynchronization(notice);
            notice.resume();
        }
        notice.seen = Math.max(notice.seen, head);
    }

    @Override
    public void suspend() {
        TransactionSynchronizationManager.unbindResourceIfPossible(reader);
    }

    @Override
    public void resume() {
        TransactionSynchronizationManager.bindResource(reader, this);
    }

    /** What was seen may have been undone; what is seen from now on has not. */
    @Override
    public void savepointRollback(Object savepoint) {
        seen = 0;
    }

    @Override
    public void afterCommit() {
        if (seen > 0) {
            listener.accept(seen);
        }
    }

    @Override
    public void afterCompletion(int status) {
        TransactionSynchronizationManager.unbindResourceIfPossible(reader);
    }
}
