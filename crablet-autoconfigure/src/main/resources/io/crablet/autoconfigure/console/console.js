import {readPool, readPools, Trouble} from './client.js';
import {showCharts} from './charts.js';
import {Connections} from './connections.js';
import {byId, element, setAttribute, setPart, setText, showList} from './dom.js';
import {duration, moment} from './format.js';
import {IncidentsView} from './incidents.js';
import {Operations} from './operations.js';
import {showOverview} from './overview.js';
import {Refresher} from './refresher.js';
import {ServerView} from './server.js';
import {showSettings, showStatements} from './settings.js';
import {stateOf} from './words.js';

const EVERY_MS = 2_000;

const refresher = new Refresher(refresh, EVERY_MS);
const operations = new Operations(() => refresher.now());

/** The pool that is shown; the address names it, so that it can be passed on. */
let selected = poolOfAddress();
let connections = null;
let server = null;
let incidents = null;
/** What the tables were made for: the pool, and whether its reader may operate. */
let made = {};
let seenAt = null;
let trouble = null;

async function refresh() {
    const name = selected;
    try {
        const [overview, pool] = await Promise.all([readPools(), name ? readPool(name) : null]);
        if (refresher.frozen || name !== selected) {
            return;
        }
        const first = overview.pools[0];
        if (!first) {
            throw new Trouble('The application has no connection pool that can be watched.');
        }
        if (!pool) {
            select(first.name);
            return;
        }
        trouble = null;
        seenAt = Date.now();
        show(overview, pool);
    } catch (e) {
        if (!refresher.frozen && name === selected) {
            trouble ??= {since: Date.now()};
            trouble.message = sentenceFor(e);
            trouble.elsewhere = e.status === 404 ? await anotherPool(name) : null;
        }
    }
    showAge();
}

function sentenceFor(e) {
    if (e instanceof Trouble) {
        return e.message;
    }
    console.error(e);
    return `The page cannot show what the application has answered: ${e.message}.`;
}

function poolOfAddress() {
    try {
        return decodeURIComponent(location.hash.slice(1)) || null;
    } catch {
        return null;
    }
}

/** A pool can be gone, or an address can name one that there never was. */
async function anotherPool(name) {
    try {
        return (await readPools()).pools.find(pool => pool.name !== name)?.name ?? null;
    } catch {
        return null;
    }
}

function select(name) {
    selected = name;
    history.replaceState(null, '', `#${encodeURIComponent(name ?? '')}`);
    setFrozen(false);
    refresher.now();
}

function show(overview, pool) {
    const {report} = pool;
    const url = overview.operations?.[report.name];
    rebuild(report.name, Boolean(url));
    byId('main').hidden = false;
    setText(byId('application'), overview.application ?? 'Connection pool');
    setText(byId('pool-name'), report.name);
    document.title = `${stateOf(report).word} · ${report.name} · ${overview.application ?? 'Connection pool'}`;
    showPools(overview.pools);
    showOverview(pool);
    operations.update(report, url, overview.csrf);
    connections.update(report);
    server.update(report);
    incidents.update(report);
    showStatements(report.server);
    showSettings(report);
    showCharts(pool.history);
}

/** What is unfolded is of one pool, and another has the same keys. Who may not operate sees no buttons; that can change with a login. */
function rebuild(pool, operating) {
    if (pool !== made.pool || operating !== made.operating) {
        made = {pool, operating};
        connections = new Connections(operating ? operations.onConnection : null);
        server = new ServerView(operating ? operations.onSession : null);
        incidents = new IncidentsView();
    }
}

function showPools(pools) {
    const nav = byId('pools');
    nav.hidden = pools.length < 2;
    showList(nav, pools, pool => pool.name, ({name}) => {
        const mark = element('span', {class: 'mark', 'aria-hidden': 'true'});
        const words = element('span');
        const node = element('button', {type: 'button', click: () => select(name)}, mark, ' ', words);
        return {
            node,
            update: pool => {
                const state = stateOf(pool);
                setAttribute(node, 'data-tone', state.tone);
                setAttribute(node, 'aria-current', pool.name === selected ? 'true' : null);
                setText(mark, state.mark);
                setText(words, `${pool.name}: ${state.word.toLowerCase()}, ${pool.counts.active} of ${pool.counts.max}`);
            },
        };
    });
}

function showAge() {
    const age = seenAt === null ? null : Date.now() - seenAt;
    const box = byId('trouble');
    setAttribute(document.body, 'data-stale', trouble !== null);
    box.hidden = trouble === null;
    if (trouble) {
        setPart(box, 'text', [
            trouble.message,
            seenAt === null ? '' : `What you see is as of ${moment(seenAt)}.`,
            `The page has been trying every ${EVERY_MS / 1000} s since ${moment(trouble.since)}.`,
        ].filter(Boolean).join(' '));
        showList(box, trouble.elsewhere ? [trouble.elsewhere] : [], name => name, name => ({
            node: element('button', {type: 'button', click: () => select(name)}, `Show ${name}`),
            update: () => {},
        }), box.firstChild);
    }
    if (age === null) {
        setText(byId('age'), trouble ? 'No data yet' : 'Loading …');
    } else if (refresher.frozen) {
        setText(byId('age'), `Frozen: as of ${moment(seenAt)}, ${duration(Math.round(age / 1000) * 1000)} ago`);
    } else {
        setText(byId('age'), age < 2 * EVERY_MS ? `Live: as of ${moment(seenAt)}` : `As of ${moment(seenAt)}, ${duration(age)} ago`);
    }
}

function setFrozen(frozen) {
    if (frozen !== refresher.frozen) {
        refresher.freeze(frozen);
        setAttribute(byId('freeze'), 'aria-pressed', String(frozen));
        setAttribute(document.body, 'data-frozen', frozen);
        setText(byId('announcement'), frozen ? 'Frozen. Nothing is refreshed.' : 'Refreshing again.');
        showAge();
    }
}

byId('freeze').addEventListener('click', () => setFrozen(!refresher.frozen));
addEventListener('hashchange', () => select(poolOfAddress()));
document.querySelector('.skip').addEventListener('click', event => {
    // The address names a pool, never a part of the page.
    event.preventDefault();
    byId('borrowed').focus();
});
setInterval(showAge, 1_000);
refresher.now();
