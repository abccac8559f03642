import {byId, element, setAttribute, setPart, setText, showList} from './dom.js';
import {count, duration} from './format.js';
import {Table, showDuration, showFrame} from './table.js';
import {causeOf, rankOf} from './words.js';

const FIRST_SITES = 12;
const FIRST_BLOCKERS = 2;

/** The borrowed connections of a pool: by line of code, and each of them. */
export class Connections {
    #filter = byId('filter');
    #sites;
    #list;
    #report = null;

    /** `operate(name, connection)` asks to do something to a connection; null for who may not. */
    constructor(operate) {
        byId('sites').replaceChildren();
        byId('connections').replaceChildren();
        this.#filter.value = '';
        this.#sites = sitesTable(site => this.#filterBy(site));
        this.#list = connectionsTable(operate, () => this.#report.server?.joinable === true);
        this.#filter.oninput = () => this.#show();
    }

    update(report) {
        this.#report = report;
        this.#show();
    }

    #filterBy(text) {
        this.#filter.value = text;
        this.#show();
        this.#filter.focus();
    }

    #show() {
        const {borrowed, borrowedLeftOut, watched} = this.#report;
        const words = this.#filter.value.toLowerCase().split(/\s+/).filter(Boolean);
        const shown = words.length === 0 ? borrowed : borrowed.filter(each => {
            const text = textOf(each);
            return words.every(word => text.includes(word));
        });
        byId('borrowed-tables').hidden = borrowed.length === 0;
        this.#sites.update(sitesOf(shown));
        this.#list.update(shown);
        const suspects = borrowed.filter(each => each.grade !== 'normal').length;
        setText(byId('borrowed-count'), !watched
            ? 'Nobody knows who borrows: crablet.pool.watch.enabled is false.'
            : [
                borrowed.length === 0 ? 'Nobody has borrowed a connection.' : `${borrowed.length} borrowed`,
                suspects > 0 ? count(suspects, 'suspect', 'suspects') : '',
                words.length > 0 ? `${shown.length} shown by the filter` : '',
                borrowedLeftOut > 0 ? `${borrowedLeftOut} more are not in the list` : '',
            ].filter(Boolean).join(' · '));
    }
}

/** What the filter looks into. */
function textOf(each) {
    return [each.operation, each.thread, ...each.frames, each.backendPid, each.traceId, each.grade, each.server?.state,
        each.server?.waitEvent, each.server?.lastStatement, each.verdict?.cause, each.verdict?.message].join('\n').toLowerCase();
}

function siteOf(connection) {
    return connection.frames[0] ?? 'unknown line of code';
}

function sitesOf(connections) {
    const sites = new Map();
    for (const connection of connections) {
        const site = siteOf(connection);
        if (!sites.has(site)) {
            sites.set(site, {site, connections: [], oldestMs: 0, operations: new Set(), causes: new Map(), frames: connection.frames});
        }
        const group = sites.get(site);
        group.connections.push(connection);
        group.oldestMs = Math.max(group.oldestMs, connection.heldMs);
        if (connection.operation) {
            group.operations.add(connection.operation);
        }
        const cause = connection.verdict?.cause;
        if (cause) {
            group.causes.set(cause, (group.causes.get(cause) ?? 0) + 1);
        }
    }
    return [...sites.values()].sort((a, b) => b.connections.length - a.connections.length).map(group => ({
        ...group,
        causes: [...group.causes].map(([cause, number]) => ({cause, number})).sort((a, b) => rankOf(a.cause) - rankOf(b.cause)),
    }));
}

function sitesTable(filterBy) {
    return new Table(byId('sites'), {
        caption: 'Borrowed connections by line of code',
        keyOf: group => group.site,
        sort: {column: 'verdicts', descending: true},
        limit: FIRST_SITES,
        columns: [
            {id: 'site', label: 'Line of code', value: group => group.site, descending: false,
                show: (cell, group) => showFrame(cell, group.site)},
            {id: 'count', label: 'Held', value: group => group.connections.length,
                show: (cell, group) => setPart(cell, 'value', String(group.connections.length))},
            {id: 'oldest', label: 'Oldest', value: group => group.oldestMs, show: (cell, group) => showDuration(cell, group.oldestMs)},
            {id: 'operations', label: 'Operations', show: (cell, group) => setPart(cell, 'value', [...group.operations].join(', '))},
            {id: 'verdicts', label: 'Verdicts', value: group => -rankOf(group.causes[0]?.cause),
                show: (cell, group) => showList(cell, group.causes, each => each.cause, createBadge)},
        ],
        unfold: {
            label: group => `All of ${group.site}`,
            create: () => siteDetail(filterBy),
        },
    });
}

function createBadge(first) {
    const {word, tone} = causeOf(first.cause);
    const badge = element('span', {class: 'badge', 'data-tone': tone});
    return {
        node: badge,
        update: ({number}) => setText(badge, number > 1 ? `${word} × ${number}` : word),
    };
}

function siteDetail(filterBy) {
    const message = element('p');
    const frames = element('ol', {class: 'frames'});
    const threads = element('p', {class: 'muted'});
    let site = '';
    return {
        node: element('div', {class: 'folded'}, message, frames, threads,
            element('button', {type: 'button', click: () => filterBy(site)}, 'Show only these')),
        update: group => {
            site = group.site;
            const worst = group.connections.toSorted((a, b) => rankOf(a.verdict?.cause) - rankOf(b.verdict?.cause))[0];
            setText(message, worst.verdict?.message);
            showFrames(frames, group.frames);
            const names = group.connections.slice(0, 10).map(each => `${each.thread} (${duration(each.heldMs)})`);
            const more = group.connections.length - names.length;
            setText(threads, `Threads: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`);
        },
    };
}

export function showFrames(list, frames) {
    showList(list, frames.map((line, i) => ({line, i})), ({i}) => i, () => {
        const item = element('li');
        return {node: item, update: ({line}) => setText(item, line)};
    });
}

/** `isJoinable` says whether the backends of connections are the server's processes, and so can be told something there. */
function connectionsTable(operate, isJoinable) {
    const columns = [
        {id: 'operation', label: 'Operation and thread', value: each => each.operation ?? each.thread, descending: false, show: showWho},
        {id: 'held', label: 'Held', value: each => each.heldMs, show: showHeld},
        {id: 'idle', label: 'Idle', value: each => each.idleMs, show: (cell, each) => showDuration(cell, each.idleMs)},
        {id: 'site', label: 'Borrowed at', value: siteOf, descending: false, show: (cell, each) => showFrame(cell, siteOf(each))},
        {id: 'backend', label: 'Backend', value: each => each.backendPid, descending: false,
            show: (cell, each) => setPart(cell, 'value', each.backendPid ? String(each.backendPid) : '–')},
        {id: 'server', label: 'On the server', value: each => each.server?.state, descending: false, show: showSession},
        {id: 'statement', label: 'Last statement', value: each => each.server?.lastStatement, descending: false,
            show: (cell, each) => setPart(cell, 'sql', each.server?.lastStatement ?? '–', 'code')},
        {id: 'verdict', label: 'Verdict', value: each => -rankOf(each.verdict?.cause),
            show: (cell, each) => showVerdict(cell, each, operate, isJoinable())},
    ];
    return new Table(byId('connections'), {
        caption: 'Borrowed connections',
        keyOf: each => each.id,
        sort: {column: 'held', descending: true},
        columns,
        unfold: {
            label: each => `All about the connection of thread ${each.thread}`,
            create: connectionDetail,
        },
    });
}

function showWho(cell, each) {
    setPart(cell, 'what', each.operation ?? 'no operation known');
    setPart(cell, 'thread', each.threadAlive ? each.thread : `${each.thread} (has ended)`);
}

function showHeld(cell, {heldMs, grade}) {
    showDuration(cell, heldMs);
    setPart(cell, 'grade', grade === 'normal' ? '' : grade);
}

function showSession(cell, {server, executingMs}) {
    setPart(cell, 'what', server?.state ?? '–');
    setPart(cell, 'wait', [
        executingMs !== undefined ? `runs for ${duration(executingMs)}` : duration(server?.inStateMs),
        server?.waitEvent,
    ].filter(Boolean).join(' · '));
    setPart(cell, 'blocked', server?.blockedBy.length ? `waits for ${someOf(server.blockedBy)}` : '');
}

/** In a queue that is all that are ahead. */
function someOf(pids) {
    const more = pids.length - FIRST_BLOCKERS;
    return pids.slice(0, FIRST_BLOCKERS).map(backend).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** A prepared transaction has no process. */
export function backend(pid) {
    return pid === 0 ? 'a prepared transaction' : `backend ${pid}`;
}

/** The verdict, and what can be done about it. */
function showVerdict(cell, each, operate, joinable) {
    if (!cell.ruling) {
        cell.buttons = operate ? operationButtons(['reclaim', 'cancel', 'terminate'], operate) : null;
        cell.ruling = element('div', {class: 'ruling'});
        cell.append(cell.ruling);
    }
    const {word, tone} = causeOf(each.verdict?.cause ?? 'unknown');
    setAttribute(setPart(cell.ruling, 'badge', word), 'data-tone', tone);
    if (cell.buttons) {
        cell.buttons.update(`connection of thread ${each.thread}`, name => name !== 'reclaim' && !(joinable && each.backendPid), each);
        cell.ruling.append(...(cell.buttons.node.parentNode ? [] : [cell.buttons.node]));
    }
    setPart(cell, 'message', each.verdict?.message);
}

/** The small buttons of a row. What they are about is what they were told last. */
export function operationButtons(names, operate) {
    let about = [];
    const buttons = names.map(name => element('button', {
        type: 'button',
        class: 'small',
        'data-operation': name,
        click: () => operate(name, ...about),
    }, `${name[0].toUpperCase()}${name.slice(1)}`));
    return {
        node: element('span', {class: 'buttons'}, ...buttons),
        update: (whose, isOff, ...latest) => {
            about = latest;
            names.forEach((name, i) => {
                setAttribute(buttons[i], 'aria-label', `${buttons[i].textContent} ${whose}`);
                buttons[i].disabled = isOff(name);
            });
        },
    };
}

function connectionDetail() {
    const message = element('p', {class: 'message'});
    const facts = element('p', {class: 'muted'});
    const statement = element('code', {class: 'sql block'});
    const frames = element('ol', {class: 'frames'});
    const second = element('ol', {class: 'frames'});
    const waits = element('p');
    return {
        node: element('div', {class: 'folded'}, message, facts, statement, frames, waits, second),
        update: each => {
            setText(message, each.verdict?.message);
            setText(facts, factsOf(each).join(' · '));
            setText(statement, each.server?.lastStatement);
            statement.hidden = !each.server?.lastStatement;
            showFrames(frames, each.frames);
            const wait = each.waitsForSecond;
            setText(waits, wait ? `Its thread has been waiting for another connection for ${duration(wait.waitingMs)}, at` : '');
            showFrames(second, wait?.frames ?? []);
        },
    };
}

function factsOf(each) {
    return [
        `borrow ${each.id}`,
        `thread ${each.thread}${each.threadAlive ? '' : ', which has ended'}`,
        each.traceId ? `trace ${each.traceId}` : '',
        each.openResults > 0 ? count(each.openResults, 'open result', 'open results') : '',
        each.whileHolding ? `its thread held borrow ${each.whileHolding} already` : '',
        each.server?.transactionMs !== undefined ? `transaction open for ${duration(each.server.transactionMs)}` : '',
    ].filter(Boolean);
}
