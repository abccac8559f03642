package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.pool.hikari.HikariLendingPool;
import io.crablet.pool.ledger.BorrowContext;
import io.crablet.pool.ledger.ConnectionLedger;
import io.crablet.pool.ledger.LedgerSettings;
import io.crablet.pool.postgres.PostgresSessions;
import javax.sql.DataSource;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.support.NameMatchMethodPointcutAdvisor;

/**
 * Lends a data source's connections through a ledger. The data source is otherwise as it was; it also unwraps to the ledger, and
 * to its own classes as itself, so that who unwraps the pool borrows through the ledger too.
 */
final class LedgerInterceptor implements MethodInterceptor {

    private final ConnectionLedger ledger;

    private LedgerInterceptor(ConnectionLedger ledger) {
        this.ledger = ledger;
    }

    /** Puts a ledger around a data source, which keeps its class. */
    static DataSource around(DataSource dataSource, ConnectionLedger ledger) {
        NameMatchMethodPointcutAdvisor advisor = new NameMatchMethodPointcutAdvisor(new LedgerInterceptor(ledger));
        advisor.setMappedNames("getConnection", "unwrap", "isWrapperFor");
        ProxyFactory factory = new ProxyFactory();
        factory.setTarget(dataSource);
        factory.setProxyTargetClass(true);
        factory.addAdvisor(advisor);
        return (DataSource) factory.getProxy(dataSource.getClass().getClassLoader());
    }

    /** A pool of no database with a ledger that nobody looks after, for its class, which those of all plain pools share. */
    static DataSource aroundNoPool() {
        HikariDataSource pool = new HikariDataSource();
        ConnectionLedger ledger = new ConnectionLedger(
                new HikariLendingPool("none", pool, pool),
                new PostgresSessions(),
                BorrowContext.DEFAULT,
                LedgerSettings.DEFAULTS);
        return around(pool, ledger);
    }

    @Override
    public @Nullable Object invoke(MethodInvocation call) throws Throwable {
        if (call.getArguments().length == 0) {
            return ledger.borrow();
        }
        if (!(call.getArguments()[0] instanceof Class<?> type)) {
            return call.proceed();
        }
        Object known = known(type, ((ProxyMethodInvocation) call).getProxy());
        if (call.getMethod().getName().equals("unwrap")) {
            return known == null ? call.proceed() : known;
        }
        return known != null || Boolean.TRUE.equals(call.proceed());
    }

    private @Nullable Object known(Class<?> type, Object proxy) {
        if (type == ConnectionLedger.class) {
            return ledger;
        }
        return type.isInstance(proxy) ? proxy : null;
    }
}
