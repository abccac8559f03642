package io.crablet.autoconfigure.pool;

import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** The name of the transaction; of a {@code @Transactional} method its class and name, such as {@code Courses.subscribe}. */
final class TransactionName implements OperationSource {

    @Override
    public @Nullable String operation() {
        String name = TransactionSynchronizationManager.getCurrentTransactionName();
        return name == null ? null : withoutPackage(name);
    }

    private static String withoutPackage(String name) {
        int endOfPackage = name.lastIndexOf('.', name.lastIndexOf('.') - 1);
        return name.substring(endOfPackage + 1);
    }
}
