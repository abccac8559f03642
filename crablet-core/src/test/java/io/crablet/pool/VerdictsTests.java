package io.crablet.pool;

import static io.crablet.pool.Borrows.NOW;
import static io.crablet.pool.Borrows.active;
import static io.crablet.pool.Borrows.borrow;
import static io.crablet.pool.Borrows.hidden;
import static io.crablet.pool.Borrows.idle;
import static io.crablet.pool.Borrows.idleInTransaction;
import static io.crablet.pool.Borrows.ledger;
import static io.crablet.pool.Borrows.server;
import static io.crablet.pool.Borrows.waiting;
import static io.crablet.pool.Borrows.waitingForClient;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VerdictsTests {

    private static final Duration LONG = Duration.ofSeconds(40);

    private static final Duration EVIDENT = Duration.ofSeconds(2);

    private static final Duration MOMENT = Duration.ofMillis(1999);

    @Test
    void aLeakedConnectionIsForgottenWhateverItsSessionDoes() {
        BorrowedConnection leaked =
                borrow(1).grade(BorrowGrade.LEAKED).threadEnded().openResults(1).build();

        Verdict verdict = judge(leaked, server(idleInTransaction(1)));

        assertThat(verdict.cause()).isEqualTo(VerdictCause.FORGOTTEN);
        assertThat(verdict.message())
                .isEqualTo(
                        "Forgotten: after 42 s nothing in the program can reach it any more, so nobody can return it."
                                + " Close what shop.Orders.load(Orders.java:7) borrows, with try-with-resources.");
        assertThat(judge(borrow(1).grade(BorrowGrade.LEAKED).executing(LONG).build(), server(waiting(1, 2)))
                        .cause())
                .isEqualTo(VerdictCause.FORGOTTEN);
    }

    @Test
    void aSecondConnectionNamesBothSitesAndExplainsTheIdleTransaction() {
        BorrowedConnection first =
                borrow(1).waitsForSecond("Audit.write").openResults(1).build();

        Verdict verdict = judge(first, server(idleInTransaction(1)));

        assertThat(verdict.cause()).isEqualTo(VerdictCause.SECOND_CONNECTION);
        assertThat(verdict.message())
                .startsWith("Its thread has waited for a second connection for 41 s at shop.Audit.write(Audit.java:7)"
                        + " while it holds this one from shop.Orders.load(Orders.java:7).");
    }

    @Test
    void aSecondConnectionThatItsThreadHasGotExplainsTheIdleFirst() {
        BorrowedConnection first = borrow(1).openResults(1).build();
        BorrowedConnection second = borrow(2)
                .site("Audit.write")
                .held(Duration.ofSeconds(9))
                .whileHolding(1)
                .build();
        Verdicts verdicts = new Verdicts(
                ledger(first, second), Map.of(), server(idleInTransaction(1), idle(2)), VerdictLimits.DEFAULTS);

        assertThat(verdicts.of(first))
                .isEqualTo(new Verdict(
                        VerdictCause.SECOND_CONNECTION,
                        "Its thread borrowed a second connection at shop.Audit.write(Audit.java:7) 9 s ago, and has not"
                                + " used this one, from shop.Orders.load(Orders.java:7), for 40 s."
                                + " Use one connection for both, or return the first one before."));
        assertThat(verdicts.of(second))
                .isEqualTo(new Verdict(
                        VerdictCause.SECOND_CONNECTION,
                        "It is the second connection of its thread, from shop.Audit.write(Audit.java:7), and has not been"
                                + " used for 9 s; the first one is from shop.Orders.load(Orders.java:7)."
                                + " Use one connection for both, or return the first one before."));
    }

    @Test
    void aSecondConnectionThatDoesSomethingIsJudgedByThat() {
        BorrowedConnection first = borrow(1).build();
        BorrowedConnection second =
                borrow(2).site("Audit.write").whileHolding(1).executing(LONG).build();
        Verdicts verdicts =
                new Verdicts(ledger(first, second), Map.of(), server(idle(1), active(2)), VerdictLimits.DEFAULTS);

        assertThat(verdicts.of(second).cause()).isEqualTo(VerdictCause.SLOW_QUERY);
        assertThat(verdicts.of(first).cause()).isEqualTo(VerdictCause.SECOND_CONNECTION);
    }

    @Test
    void aConnectionWhoseFirstHasGoneBackIsNoSecondOne() {
        assertThat(judge(borrow(2).whileHolding(1).build(), server(idle(2))).cause())
                .isEqualTo(VerdictCause.UNKNOWN);
    }

    @Test
    void aLockNamesItsHolderAndIsNoSlowQuery() {
        Verdict verdict = judge(borrow(1).executing(LONG).build(), server(waiting(1, 2), idleInTransaction(2)));

        assertThat(verdict.cause()).isEqualTo(VerdictCause.WAITING_FOR_LOCK);
        assertThat(verdict.message())
                .isEqualTo("Its statement, begun 40 s ago, waits for a lock (transactionid). It is held by backend 2,"
                        + " application psql, which has been idle in transaction for 40 s."
                        + " To let the others go on at once, terminate backend 2.");
    }

    @Test
    void aLockIsNamedAtOnce() {
        BorrowedConnection young = borrow(1)
                .held(Duration.ofSeconds(2))
                .executing(Duration.ofSeconds(1))
                .build();

        assertThat(judge(young, server(waiting(1, 2), active(2))).cause()).isEqualTo(VerdictCause.WAITING_FOR_LOCK);
    }

    @Test
    void aHolderOfOursIsNamedWithItsLineOfCodeOperationAndThread() {
        LedgerSnapshot ledger = ledger(
                borrow(1).executing(LONG).build(),
                borrow(2).site("Import.run").operation("import orders").build());

        Verdict verdict = new Verdicts(
                        ledger, Map.of(), server(waiting(1, 2), idleInTransaction(2)), VerdictLimits.DEFAULTS)
                .of(ledger.borrowed().get(0));

        assertThat(verdict.message())
                .endsWith("It is held by backend 2, borrowed 42 s ago by shop.Import.run(Import.java:7) in operation"
                        + " import orders, thread http-2, which has been idle in transaction for 40 s. Have the code at"
                        + " shop.Import.run(Import.java:7) end its transaction sooner. To let the others go on at once,"
                        + " terminate backend 2.");
    }

    @Test
    void aHolderInAnotherPoolIsNamedWithThePool() {
        LedgerSnapshot ledger = borrow(1).executing(LONG).alone();
        Map<String, LedgerSnapshot> others =
                Map.of("reports", borrow(2).site("Import.run").alone());

        Verdict verdict = new Verdicts(ledger, others, server(waiting(1, 2), active(2)), VerdictLimits.DEFAULTS)
                .of(ledger.borrowed().get(0));

        assertThat(verdict.message())
                .contains("backend 2, borrowed 42 s ago from pool reports by shop.Import.run(Import.java:7),"
                        + " thread http-2, which has run its statement for 40 s.");
    }

    @Test
    void whoHasBorrowedTheHoldersConnectionSinceIsNotBlamed() {
        LedgerSnapshot ledger = ledger(
                borrow(1).executing(LONG).build(),
                borrow(2).held(Duration.ofMillis(900)).build());

        Verdict verdict = new Verdicts(
                        ledger, Map.of(), server(waiting(1, 2), idleInTransaction(2)), VerdictLimits.DEFAULTS)
                .of(ledger.borrowed().get(0));

        assertThat(verdict.message()).contains("held by backend 2, application psql, which");
    }

    @Test
    void aHolderThatHasGoneOnSinceTheServerWasAskedIsNotToBeTerminated() {
        LedgerSnapshot ledger = ledger(
                borrow(1).executing(LONG).build(),
                borrow(2).site("Import.run").executing(Duration.ofMillis(100)).build());

        Verdict verdict = new Verdicts(
                        ledger,
                        Map.of(),
                        server(NOW.minusSeconds(5), true, waiting(1, 2), idleInTransaction(2)),
                        VerdictLimits.DEFAULTS)
                .of(ledger.borrowed().get(0));

        assertThat(verdict.message())
                .endsWith("When the server was asked, 5 s ago, it was held by backend 2, borrowed 42 s ago by"
                        + " shop.Import.run(Import.java:7), thread http-2, who has used the connection since: look"
                        + " again to see who holds it now.")
                .doesNotContain("terminate", "idle in transaction");
    }

    @Test
    void aLedgerThatIsOlderThanTheServersAnswerNamesNoHolder() {
        LedgerSnapshot ledger = borrow(1).executing(LONG).alone();
        LedgerSnapshot old = new LedgerSnapshot(
                NOW.minusSeconds(2),
                borrow(2).site("Import.run").times(1),
                1,
                0,
                Duration.ZERO,
                Duration.ZERO,
                0,
                0,
                0,
                0,
                0,
                List.of(),
                List.of(),
                List.of());

        Verdict verdict = new Verdicts(
                        ledger,
                        Map.of("reports", old),
                        server(waiting(1, 2), idleInTransaction(2)),
                        VerdictLimits.DEFAULTS)
                .of(ledger.borrowed().get(0));

        assertThat(verdict.message())
                .contains("held by backend 2, application psql")
                .doesNotContain("reports");
    }

    @Test
    void aClockThatWasSetBackChangesNothing() {
        BorrowedConnection one = borrow(1).borrowedAt(NOW.plusSeconds(3600)).build();

        assertThat(judge(one, server(idleInTransaction(1))).cause()).isEqualTo(VerdictCause.IDLE_IN_TRANSACTION);
    }

    @Test
    void theRootOfAChainOfLocksIsNamed() {
        Verdict verdict = judge(
                borrow(1).executing(LONG).build(),
                server(waiting(1, 2, 4), waiting(2, 3), waiting(3, 4), idleInTransaction(4)));

        assertThat(verdict.message())
                .contains("It is held by backend 4, application psql, which has been idle in transaction for 40 s,"
                        + " with backends 2, 3 in between. To let the others go on at once, terminate backend 4.");
    }

    @Test
    void holdersThatCannotBeTerminatedOrSeenAreToldAsTheyAre() {
        BorrowedConnection one = borrow(1).executing(LONG).build();

        assertThat(judge(one, server(waiting(1))).message()).endsWith("Who holds it could not be seen.");
        assertThat(judge(one, server(waiting(1, 0))).message())
                .contains("It is held by a prepared transaction. COMMIT PREPARED or ROLLBACK PREPARED it");
        assertThat(judge(one, server(waiting(1, 2), hidden(2))).message())
                .contains("It is held by backend 2, whose state the watch's role may not see.");
        assertThat(judge(one, server(waiting(1, 2))).message()).contains("It is held by backend 2. To let");
    }

    @Test
    void aDeadlockEndsTheSearch() {
        assertThat(judge(borrow(1).executing(LONG).build(), server(waiting(1, 2), waiting(2, 1)))
                        .message())
                .endsWith("It is part of a deadlock with backend 2, which the server ends by itself after"
                        + " deadlock_timeout.");
    }

    @Test
    void aStatementThatHasRunForLongIsASlowQueryWithoutItsText() {
        Verdict verdict = judge(borrow(1).executing(LONG).build(), server(active(1)));

        assertThat(verdict.cause()).isEqualTo(VerdictCause.SLOW_QUERY);
        assertThat(verdict.message())
                .isEqualTo("Its statement has run for 40 s, computing. Look at its plan, or cancel it.");
    }

    @Test
    void aStatementIsSlowFromTheLimitOn() {
        assertThat(judge(borrow(1).executing(EVIDENT).build(), null).cause()).isEqualTo(VerdictCause.SLOW_QUERY);
        assertThat(judge(borrow(1).executing(MOMENT).build(), null))
                .isEqualTo(new Verdict(VerdictCause.IN_USE, "In use: its statement has run for 2 s."));
    }

    @Test
    void aSlowQueryOfWhichTheServerSaysNothingSaysWhy() {
        assertThat(judge(borrow(1).executing(LONG).build(), null).message())
                .isEqualTo("Its statement has run for 40 s. Whether it works or waits is not known: the server is not"
                        + " watched, or has not answered.");
    }

    @Test
    void aStatementThatTheServerHasFinishedPointsToTheNetwork() {
        assertThat(judge(borrow(1).executing(LONG).build(), server(idle(1))).message())
                .contains("while backend 1 has been idle for 40 s: look at what the driver does");
    }

    @Test
    void aStatementThatItsBorrowerHasLeftBehindIsASlowQuery() {
        Verdict verdict = judge(borrow(1).threadEnded().build(), server(active(1)));

        assertThat(verdict.cause()).isEqualTo(VerdictCause.SLOW_QUERY);
        assertThat(verdict.message()).startsWith("Backend 1 has run its statement for 40 s though its borrower waits");
    }

    @Test
    void aLiveCopyIsNeitherSlowNorAbandoned() {
        for (BorrowedConnection copying : List.of(
                borrow(1).usedUnseen().build(),
                borrow(1).usedUnseen().threadEnded().openResults(1).build())) {
            assertThat(judge(copying, server(waitingForClient(1, "ClientRead"))))
                    .isEqualTo(new Verdict(
                            VerdictCause.IN_USE,
                            "Its borrower uses it through the driver's own interfaces, such as COPY, which is not seen"
                                    + " here. When the server was asked, 1 s ago, backend 1 was active, and the program"
                                    + " sends its data slowly (ClientRead): look at where it gets them from, and at the"
                                    + " network between them."));
            assertThat(judge(copying, server(idleInTransaction(1))).cause()).isEqualTo(VerdictCause.UNKNOWN);
            assertThat(judge(copying, server(idleInTransaction(1))).message())
                    .endsWith("When the server was asked, 1 s ago, backend 1 was idle in transaction.");
            assertThat(judge(copying, null).message())
                    .endsWith("whether a transaction is open is not known: the server is not watched, or has not"
                            + " answered.");
        }
    }

    @Test
    void whoMayUseTheLockersConnectionUnseenMayHaveLetGo() {
        LedgerSnapshot ledger =
                ledger(borrow(1).executing(LONG).build(), borrow(2).usedUnseen().build());

        assertThat(new Verdicts(ledger, Map.of(), server(waiting(1, 2), active(2)), VerdictLimits.DEFAULTS)
                        .of(ledger.borrowed().get(0))
                        .message())
                .endsWith("who may have used the connection since: look again to see who holds it now.");
    }

    @Test
    void aSlowProgramIsNoReasonToLookAtThePlan() {
        assertThat(judge(borrow(1).executing(LONG).build(), server(waitingForClient(1, "ClientWrite")))
                        .message())
                .isEqualTo("Its statement has run for 40 s, and the program reads the result slowly (ClientWrite): look"
                        + " at what it does with each row, and at the network between them.");
        assertThat(judge(borrow(1).build(), server(waitingForClient(1, "ClientWrite")))
                        .message())
                .contains("though its borrower waits for none, and the program reads")
                .doesNotContain("cancel");
    }

    @Test
    void anotherThreadMayGoOnWithTheConnectionOfOneThatHasEnded() {
        assertThat(judge(borrow(1).threadEnded().executing(LONG).build(), server(active(1)))
                        .cause())
                .isEqualTo(VerdictCause.SLOW_QUERY);
        assertThat(judge(borrow(1).threadEnded().executing(LONG).build(), server(waiting(1, 2)))
                        .cause())
                .isEqualTo(VerdictCause.WAITING_FOR_LOCK);
        assertThat(judge(borrow(1).threadEnded().idle(MOMENT).build(), server(idle(1)))
                        .cause())
                .isEqualTo(VerdictCause.IN_USE);
    }

    @Test
    void aThreadThatHasEndedExplainsTheOpenStreamAndTheIdleTransaction() {
        Verdict verdict = judge(borrow(1).threadEnded().openResults(2).build(), server(idleInTransaction(1)));

        assertThat(verdict.cause()).isEqualTo(VerdictCause.THREAD_ENDED);
        assertThat(verdict.message())
                .isEqualTo("Thread http-1, which borrowed it, has ended, and nobody has used it for 40 s, with 2 result"
                        + " sets left open. Return it in a finally block, or with try-with-resources, where"
                        + " shop.Orders.load(Orders.java:7) borrows it.");
    }

    @Test
    void theEndOfTheBorrowersThreadSaysNothingOfWhatAnotherOneUses() {
        assertThat(judge(borrow(1).threadEnded().handedOver().build(), server(idleInTransaction(1)))
                        .cause())
                .isEqualTo(VerdictCause.IDLE_IN_TRANSACTION);
    }

    @Test
    void anOpenStreamExplainsTheIdleTransaction() {
        Verdict verdict = judge(borrow(1).openResults(1).build(), server(idleInTransaction(1)));

        assertThat(verdict.cause()).isEqualTo(VerdictCause.STREAM_LEFT_OPEN);
        assertThat(verdict.message())
                .startsWith("1 result set left open, its transaction with it: nobody has read for 40 s.");
        assertThat(judge(borrow(1).openResults(1).build(), null).message())
                .startsWith("1 result set left open: nobody has read for 40 s.");
    }

    @Test
    void aStreamThatIsReadOrWhoseStatementRunsIsNotLeftOpen() {
        assertThat(judge(borrow(1).openResults(1).idle(MOMENT).build(), null).cause())
                .isEqualTo(VerdictCause.IN_USE);
        assertThat(judge(borrow(1).openResults(1).executing(LONG).build(), null).cause())
                .isEqualTo(VerdictCause.SLOW_QUERY);
    }

    @Test
    void idleInTransactionSaysForHowLong() {
        Verdict verdict = judge(borrow(1).build(), server(idleInTransaction(1)));

        assertThat(verdict.cause()).isEqualTo(VerdictCause.IDLE_IN_TRANSACTION);
        assertThat(verdict.message())
                .startsWith("Backend 1 has been idle in transaction for 40 s: the borrower does other work while it"
                        + " holds it, and its transaction has been open for 42 s.");
    }

    @Test
    void aConnectionThatWasUsedAMomentAgoIsInUse() {
        assertThat(judge(borrow(1).idle(Duration.ofMillis(300)).build(), server(idleInTransaction(1))))
                .isEqualTo(new Verdict(VerdictCause.IN_USE, "In use: last used 300 ms ago."));
    }

    @Test
    void aSessionThatIsIdleOutsideATransactionProvesNothing() {
        Verdict verdict = judge(borrow(1).build(), server(idle(1)));

        assertThat(verdict.cause()).isEqualTo(VerdictCause.UNKNOWN);
        assertThat(verdict.message())
                .startsWith("Unknown: not used for 40 s, and backend 1 is idle. Either its borrower does other work");
    }

    @Test
    void withoutEvidenceItSaysWhyThereIsNone() {
        BorrowedConnection one = borrow(1).build();

        assertUnknown(one, null, "the server is not watched, or has not answered");
        assertUnknown(
                one,
                server(NOW.minusSeconds(1), false, idleInTransaction(1)),
                "its session on the server cannot be told: There is a pooler in between");
        assertUnknown(borrow(0).build(), server(idleInTransaction(0)), "the driver does not tell which");
        assertUnknown(one, server(hidden(1)), "the watch's role may not see what backend 1 does; GRANT");
        assertUnknown(one, server(idleInTransaction(2)), "its backend 1 is not among the sessions");
        assertUnknown(
                one, server(NOW.minusSeconds(16), true, idleInTransaction(1)), "the server's last answer is 16 s old");
        assertUnknown(
                one, server(NOW.plusMillis(1), true, idleInTransaction(1)), "the server was asked after the pool");
    }

    @Test
    void whatTheSessionDidForAnEarlierBorrowerIsNoEvidence() {
        BorrowedConnection young = borrow(1).held(Duration.ofSeconds(3)).build();

        assertUnknown(
                young,
                server(NOW.minusSeconds(4), true, idleInTransaction(1)),
                "the server has not been asked since it was borrowed");
        assertThat(judge(
                                borrow(1)
                                        .held(Duration.ofSeconds(3))
                                        .executing(EVIDENT)
                                        .build(),
                                server(NOW.minusSeconds(4), true, waiting(1, 2)))
                        .cause())
                .isEqualTo(VerdictCause.SLOW_QUERY);
    }

    @Test
    void whatTheSessionDidBeforeItWasLastUsedIsNoEvidence() {
        BorrowedConnection used = borrow(1).idle(Duration.ofSeconds(3)).build();

        assertUnknown(
                used,
                server(NOW.minusSeconds(4), true, idleInTransaction(1)),
                "the server has not been asked since it was last used");
        assertThat(judge(used, server(NOW.minusSeconds(3), true, idleInTransaction(1)))
                        .cause())
                .isEqualTo(VerdictCause.IDLE_IN_TRANSACTION);
    }

    @Test
    void noVerdictHasTheStatementOrTheRoleInIt() {
        for (ServerSession session : new ServerSession[] {active(1), idle(1), idleInTransaction(1), waiting(1, 2)}) {
            assertThat(judge(borrow(1).build(), server(session, active(2))).message())
                    .doesNotContain("UPDATE")
                    .doesNotContain("jane");
        }
    }

    @Test
    void limitsOfNothingMakeNoSense() {
        assertThatIllegalArgumentException().isThrownBy(() -> new VerdictLimits(Duration.ZERO, LONG));
        assertThatIllegalArgumentException().isThrownBy(() -> new VerdictLimits(LONG, Duration.ofSeconds(-1)));
    }

    private static void assertUnknown(BorrowedConnection borrow, ServerSnapshot server, String why) {
        Verdict verdict = judge(borrow, server);
        assertThat(verdict.cause()).isEqualTo(VerdictCause.UNKNOWN);
        assertThat(verdict.message())
                .contains("whether a transaction is open is not known: " + why)
                .doesNotContain("..");
    }

    private static Verdict judge(BorrowedConnection borrow, ServerSnapshot server) {
        return new Verdicts(ledger(borrow), Map.of(), server, VerdictLimits.DEFAULTS).of(borrow);
    }
}
