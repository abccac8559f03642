import {chainTrees} from './chains.js';
import {backend, operationButtons} from './connections.js';
import {byId, element, setPart, setText, showList} from './dom.js';
import {count, duration, moment} from './format.js';
import {Table, showDuration} from './table.js';

const SIGNALS = ['cancel', 'terminate'];

/** What the server's sessions do: who holds up whom, and who works or idles for too long. */
export class ServerView {
    #operate;
    #longRunning;
    #idle;

    /** `operate(name, session)` asks to do something to a session; null for who may not. */
    constructor(operate) {
        this.#operate = operate;
        showList(byId('chains'), []);
        byId('sessions').replaceChildren();
        this.#longRunning = new Sessions('Statements that run for long', 'queryMs', operate);
        this.#idle = new Sessions('Idle in transaction for long', 'inStateMs', operate);
    }

    update({server, borrowed}) {
        setText(byId('server-summary'), summary(server));
        const chains = server?.chains ?? [];
        // A row without `server` has its number on another server, or was borrowed after this one was asked.
        const borrowers = new Map(borrowed.filter(each => each.server).map(each => [each.backendPid, each]));
        const trees = chainTrees(chains, server?.blocked ?? [], borrowers);
        const locks = new Map((server?.appendLocks ?? []).map(lock => [lock.holder, lock]));
        trees.forEach(tree => {
            tree.lock = locks.get(tree.pid);
        });
        const none = trees.length === 0;
        showList(byId('chains'), none ? [server] : trees, tree => none ? 'none' : tree.key, () => none ? createNone() : this.#createTree());
        this.#longRunning.update(server?.longRunning ?? [], borrowers);
        this.#idle.update(server?.idleInTransaction ?? [], borrowers);
    }

    #createTree() {
        const node = element('ul', {class: 'chain'});
        return {node, update: tree => showList(node, [tree], each => each.key, () => this.#createBranch())};
    }

    #createBranch() {
        const line = element('div', {class: 'link'});
        const waiting = element('ul');
        const buttons = this.#operate ? operationButtons(SIGNALS, this.#operate) : null;
        const node = element('li', {}, line, waiting);
        return {
            node,
            update: branch => {
                setPart(line, 'role', branch.role);
                setPart(line, 'what', backend(branch.pid));
                setPart(line, 'thread', whoIs(branch));
                setPart(line, 'wait', doing(branch));
                setPart(line, 'also', alsoOf(branch));
                setPart(line, 'sql', branch.session?.statement, 'code');
                if (buttons && branch.pid !== 0) {
                    buttons.update(backend(branch.pid), () => false, branch.session ?? {pid: branch.pid}, branch.borrower);
                    line.append(...(buttons.node.parentNode === line ? [] : [buttons.node]));
                }
                showList(waiting, branch.waiting, each => each.key, () => this.#createBranch());
                waiting.hidden = branch.waiting.length === 0;
            },
        };
    }
}

function createNone() {
    const node = element('p', {class: 'muted'});
    return {
        node,
        update: server => setText(node, server?.byState ? 'Nobody waits for a lock.' : 'Whether anybody waits for a lock is not known.'),
    };
}

function summary(server) {
    if (!server) {
        return 'Nobody has asked the server.';
    }
    if (server.failure) {
        return `The server does not answer since ${moment(server.since)}: ${server.failure}`
            + `${server.sqlState ? `, SQLState ${server.sqlState}` : ''}. ${server.advice}`;
    }
    if (!server.byState) {
        return `PostgreSQL ${server.version} answers in ${server.latencyMs} ms; its sessions cannot be seen.`;
    }
    return [
        `PostgreSQL ${server.version}, seen at ${moment(server.takenAt)} in ${server.latencyMs} ms`,
        Object.entries(server.byState).map(([state, number]) => `${number} ${state}`).join(', '),
        server.hidden > 0 ? `${count(server.hidden, 'session', 'sessions')} it may not look into` : '',
        server.joinable ? '' : `Borrowed connections cannot be found among its sessions: ${server.whyNotJoinable}`,
    ].filter(Boolean).join(' · ');
}

function whoIs({borrower, session}) {
    if (borrower) {
        return `${borrower.thread}, ${borrower.operation ?? 'no operation known'}, ${borrower.frames[0] ?? ''}`;
    }
    return session
        ? [session.applicationName, session.user, session.database].filter(Boolean).join(', ')
        : 'in another database, or not to be seen';
}

function doing({session, role, lock}) {
    return [
        lock ? `the append lock of the event log in schema ${lock.schema}` : '',
        session?.state,
        duration(role === 'waits' ? session.waitingMs : session?.inStateMs),
        session?.waitEvent,
    ].filter(Boolean).join(' · ');
}

/** What its place among the others does not say. */
function alsoOf({waiting, blockers, elsewhere}) {
    if (blockers.length > 0) {
        return `also waits for ${blockers.map(backend).join(', ')}`;
    }
    return waiting.length === 0 && elsewhere.length > 0 ? `holds up ${elsewhere.map(backend).join(', ')}, shown elsewhere` : '';
}

/** A table of sessions, which is there only if there are any. */
class Sessions {
    #place;
    #table;
    #borrowers = new Map();

    constructor(title, age, operate) {
        this.#place = element('div', {hidden: true}, element('h3', {}, title));
        byId('sessions').append(this.#place);
        const columns = [
            {id: 'backend', label: 'Backend', value: each => each.pid, descending: false,
                show: (cell, each) => setPart(cell, 'value', String(each.pid))},
            {id: 'held', label: 'For', value: each => each[age], show: (cell, each) => showDuration(cell, each[age])},
            {id: 'who', label: 'Who',
                show: (cell, each) => setPart(cell, 'value', whoIs({session: each, borrower: this.#borrowers.get(each.pid)}))},
            {id: 'server', label: 'On the server',
                show: (cell, each) => setPart(cell, 'value', [each.state, each.waitEvent].filter(Boolean).join(' · '))},
            {id: 'statement', label: 'Statement', show: (cell, each) => setPart(cell, 'sql', each.statement ?? '–', 'code')},
        ];
        if (operate) {
            columns.push({id: 'operate', label: 'Operations', quiet: true, show: (cell, each) => {
                cell.buttons ??= operationButtons(SIGNALS, operate);
                cell.buttons.update(backend(each.pid), () => false, each, this.#borrowers.get(each.pid));
                if (!cell.firstChild) {
                    cell.append(cell.buttons.node);
                }
            }});
        }
        this.#table = new Table(this.#place, {caption: title, columns, keyOf: each => each.pid, sort: {column: 'held', descending: true}});
    }

    update(sessions, borrowers) {
        this.#borrowers = borrowers;
        this.#place.hidden = sessions.length === 0;
        this.#table.update(sessions);
    }
}
