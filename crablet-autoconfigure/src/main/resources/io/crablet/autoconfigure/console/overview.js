import {byId, element, setAttribute, setText, showList} from './dom.js';
import {count, sentences} from './format.js';
import {stateOf} from './words.js';

let announced = null;

/** Shows the state, the counters and the meters. */
export function showOverview({report, outOfService}) {
    showState(report, outOfService);
    showCounts(report.counts);
    showList(byId('meters'), meters(report), meter => meter.label, createMeter);
    showAdvice(report.advice ?? []);
}

function showState(report, outOfService) {
    const {word, tone, mark} = stateOf(report);
    const section = byId('state');
    setAttribute(section, 'data-tone', tone);
    setAttribute(section, 'data-state', report.state);
    setText(section.querySelector('.mark'), mark);
    setText(byId('state-word'), word);
    byId('out-of-service').hidden = !outOfService;
    const [first, rest] = sentences(report.message);
    setText(byId('sentence'), first);
    setText(byId('explanation'), rest);
    announce(report.name, `${word}${outOfService ? ', out of service' : ''}`, first);
}

/** Only what has changed is read out: the figures change all the time. */
function announce(pool, state, sentence) {
    const now = `Pool ${pool}: ${state}.`;
    if (now !== announced) {
        announced = now;
        setText(byId('announcement'), `${now} ${sentence}`);
    }
}

function showCounts({active, idle, total, waiting, max}) {
    const figures = [
        {label: 'active', value: active, alarm: active >= max},
        {label: 'idle', value: idle},
        {label: 'total', value: total},
        {label: 'max', value: max},
        {label: 'waiting', value: waiting, alarm: waiting > 0},
    ];
    showList(byId('counts'), figures, each => each.label, each => {
        const value = element('dd');
        const node = element('div', {'data-count': each.label}, element('dt', {}, each.label), value);
        return {
            node,
            update: latest => {
                setText(value, latest.value.toLocaleString('en'));
                setAttribute(node, 'data-alarm', latest.alarm);
            },
        };
    });
}

function meters({counts, server}) {
    const all = [{
        label: 'Pool',
        now: counts.active,
        max: counts.max,
        parts: [{name: 'active', value: counts.active}, {name: 'idle', value: counts.idle}],
        text: `${counts.active} active and ${counts.idle} idle of ${counts.max}`
            + (counts.waiting > 0 ? `, ${count(counts.waiting, 'caller waits', 'callers wait')}` : ''),
    }];
    if (server?.maxConnections) {
        all.push(serverMeter(server));
    }
    return all;
}

/** What is reserved is full for ordinary roles. */
function serverMeter({connections, maxConnections, reserved = 0}) {
    return {
        label: 'Server',
        now: connections,
        max: maxConnections - reserved,
        parts: [{name: 'server', value: connections}],
        text: `${connections} of max_connections ${maxConnections}${reserved > 0 ? `, ${reserved} reserved` : ''}, all applications`,
    };
}

function createMeter({label}) {
    const track = element('div', {class: 'track', role: 'meter', 'aria-label': label, 'aria-valuemin': 0});
    const text = element('span', {class: 'muted'});
    return {
        node: element('div', {class: 'meter'}, element('span', {class: 'meter-label'}, label), track, text),
        update: ({now, max, parts, text: words}) => {
            setAttribute(track, 'aria-valuenow', now);
            setAttribute(track, 'aria-valuemax', Math.max(now, max));
            setAttribute(track, 'aria-valuetext', words);
            setAttribute(track, 'data-full', now >= 0.9 * max);
            setText(text, words);
            showList(track, parts, part => part.name, part => {
                const node = element('span', {class: `part ${part.name}`});
                return {
                    node,
                    update: latest => {
                        node.style.width = `${Math.min(100, 100 * latest.value / Math.max(1, max))}%`;
                    },
                };
            });
        },
    };
}

function showAdvice(advice) {
    byId('advice').hidden = advice.length === 0;
    showList(byId('advice-list'), advice, sentence => sentence, sentence => ({
        node: element('li', {}, sentence),
        update: () => {},
    }));
}
