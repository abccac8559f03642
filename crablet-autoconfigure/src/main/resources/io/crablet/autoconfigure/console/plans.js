import {count, duration} from './format.js';

/**
 * What each operation will do to whom, for the reader to confirm. A plan has a `title`, `sentences`, the label of the button
 * that does it, the `request`, and perhaps `fields` to fill in and `isCurrent`, which says of a fresh report whether its object is
 * still there.
 */

export function planForConnection(name, each) {
    const whose = `thread ${each.thread} borrowed at ${each.frames[0] ?? 'an unknown line of code'}`
        + `${each.operation ? ` in operation ${each.operation}` : ''}, ${duration(each.heldMs)} ago`
        + `${each.backendPid ? ` (backend ${each.backendPid})` : ''}`;
    const isCurrent = report => report.borrowed.some(now => now.id === each.id && now.backendPid === each.backendPid);
    const gone = 'The connection has come back by itself meanwhile. Nothing was done.';
    if (name === 'reclaim') {
        return {
            title: 'Reclaim a connection',
            sentences: [
                `Closes the connection that ${whose}, and frees its slot in the pool at once.`,
                'Its statement is cancelled and its transaction is rolled back; the borrower’s next call on it fails.',
            ],
            confirm: 'Reclaim it',
            request: () => ({operation: 'reclaim', id: each.id}),
            isCurrent,
            gone,
        };
    }
    return {
        ...signal(name, each.backendPid, {
            whose: `the connection that ${whose}`,
            state: each.server?.state,
            statement: each.server?.lastStatement,
            borrowed: true,
        }),
        isCurrent,
        gone,
    };
}

export function planForSession(name, session, borrower) {
    if (borrower) {
        return planForConnection(name, borrower);
    }
    const from = [
        session.applicationName ? `application ${session.applicationName}` : '',
        session.user ? `role ${session.user}` : '',
        session.database ? `database ${session.database}` : '',
    ].filter(Boolean).join(', ');
    return {
        ...signal(name, session.pid, {
            // A connection that has just come back is the pool's, too, as is one behind a pooler.
            whose: `a session that is not known to be of this pool${from ? `: ${from}` : ''}`,
            state: session.state,
            statement: session.statement,
            borrowed: false,
        }),
        isCurrent: ({server}) => [...(server?.longRunning ?? []), ...(server?.idleInTransaction ?? []), ...(server?.blocked ?? [])]
            .some(now => now.pid === session.pid) || (server?.chains ?? []).some(chain => chain.holder === session.pid),
        gone: 'The session is no longer among those shown. Nothing was done.',
    };
}

function signal(name, pid, {whose, state, statement, borrowed}) {
    const runs = state === undefined || state === 'active';
    return name === 'cancel'
        ? {
            title: `Cancel what backend ${pid} runs`,
            sentences: [
                `Backend ${pid} serves ${whose}.`,
                runs
                    ? 'Its statement is cancelled: whoever waits for it gets an error (57014), and its transaction can only be rolled back.'
                        + (borrowed ? ' The connection stays borrowed.' : '')
                    : `It is ${state} and runs no statement now, so there is nothing to cancel.`,
            ],
            statement,
            confirm: 'Cancel the statement',
            request: () => ({operation: 'cancel', pid}),
        }
        : {
            title: `Terminate backend ${pid}`,
            sentences: [
                `Backend ${pid} serves ${whose}.`,
                borrowed
                    ? 'Its session is ended and its transaction is rolled back; the borrower’s next call fails. '
                        + 'The pool’s slot is free when the borrower returns the connection; Reclaim frees it at once.'
                    : 'Its session is ended and its transaction is rolled back; the next call of whoever uses it fails.',
            ],
            statement,
            confirm: 'Terminate the session',
            request: () => ({operation: 'terminate', pid}),
        };
}

/** The operations on a whole pool, in the order of their buttons. */
export function plansForPool({name, counts, settings, server}) {
    const plans = [evictIdle(name, counts), resize(name, settings), terminateIdle(server)];
    if (settings?.['allow-pool-suspension']?.value === true) {
        plans.push(suspend(name, counts), resume(name));
    }
    plans.push(reset(name, counts));
    return plans;
}

function evictIdle(name, {idle, active}) {
    return {
        id: 'evict-idle',
        label: 'Evict idle …',
        title: 'Evict idle connections',
        sentences: [`Closes the ${count(idle, 'idle connection', 'idle connections')} of pool ${name} at once, `
            + `and the ${active} in use when they come back. `
            + 'New ones are opened as needed. Nobody notices.'],
        confirm: 'Evict them',
        request: () => ({operation: 'evict-idle'}),
    };
}

function resize(name, settings) {
    const max = settings?.['maximum-pool-size']?.value;
    const min = settings?.['minimum-idle']?.value;
    return {
        id: 'resize',
        label: 'Resize …',
        title: 'Resize the pool',
        sentences: [`Changes the limits of pool ${name} until the application restarts. They are ${max} at most and ${min} kept idle now. `
            + 'To get smaller, idle connections are closed at once and others when they come back. Nobody notices.'],
        fields: [
            {name: 'maximumPoolSize', label: 'Maximum pool size', type: 'number', value: max},
            {name: 'minimumIdle', label: 'Minimum idle', type: 'number', value: min},
        ],
        confirm: 'Resize it',
        request: values => ({operation: 'resize', ...numbers(values)}),
    };
}

/** What was left empty is left out. */
function numbers(values) {
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '').map(([key, value]) => [key, Number(value)]));
}

function terminateIdle(server) {
    const states = server?.byState;
    const idle = (states?.['idle in transaction'] ?? 0) + (states?.['idle in transaction (aborted)'] ?? 0);
    return {
        id: 'terminate-idle-in-transaction',
        label: 'Terminate idle in transaction …',
        title: 'Terminate sessions that are idle in transaction',
        sentences: [
            'Ends every session of the database, of any application, that has been idle in a transaction for longer than this. '
                + 'Their transactions are rolled back; their borrowers’ next calls fail.',
            states ? `${count(idle, 'session is', 'sessions are')} idle in transaction now, on the whole server, for any time.` : '',
        ],
        fields: [{name: 'olderThan', label: 'Idle for longer than, with a unit (30s, 5m, 1h)', type: 'text', value: '5m'}],
        confirm: 'Terminate them',
        request: values => ({operation: 'terminate-idle-in-transaction', ...values}),
    };
}

function suspend(name, {waiting}) {
    return {
        id: 'suspend',
        label: 'Suspend …',
        title: 'Suspend the pool',
        sentences: [
            `From now on whoever asks pool ${name} for a connection waits, for any time, until Resume. What is borrowed stays borrowed.`,
            waiting > 0 ? `It will be refused: ${count(waiting, 'caller waits', 'callers wait')} already.` : '',
        ],
        confirm: 'Suspend it',
        request: () => ({operation: 'suspend'}),
    };
}

function resume(name) {
    return {
        id: 'resume',
        label: 'Resume …',
        title: 'Resume the pool',
        sentences: [`Pool ${name} gives out connections again. Those who have waited get theirs.`],
        confirm: 'Resume it',
        request: () => ({operation: 'resume'}),
    };
}

function reset(name, {active, idle}) {
    return {
        id: 'reset',
        label: 'Reset …',
        danger: true,
        title: 'Reset the pool',
        sentences: [
            `Closes every connection of pool ${name}: the ${idle} idle ones, and the ${active} in use. `
                + 'Their statements are cancelled, their transactions are rolled back, and the next call of each of their borrowers fails.',
        ],
        fields: [{name: 'confirm', label: `Type the pool’s name, ${name}, to confirm`, type: 'text', value: ''}],
        confirm: 'Close them all',
        request: values => ({operation: 'reset', ...values}),
    };
}
