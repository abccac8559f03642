import {sentences} from './format.js';

/** What states and verdicts are called, and how bad each is: the page says both in words and in colour. */

const STATES = {
    healthy: {word: 'Healthy', tone: 'good', mark: '✓'},
    warned: {word: 'Healthy, with a warning', tone: 'warn', mark: '▲'},
    busy: {word: 'Busy', tone: 'note', mark: '●'},
    leaking: {word: 'Leaking', tone: 'warn', mark: '▲'},
    exhausted: {word: 'Exhausted', tone: 'bad', mark: '■'},
    unreachable: {word: 'Unreachable', tone: 'bad', mark: '✕'},
};

const CAUSES = {
    'forgotten': {word: 'Forgotten', tone: 'bad'},
    'thread-ended': {word: 'Thread has ended', tone: 'bad'},
    'stream-left-open': {word: 'Stream left open', tone: 'bad'},
    'idle-in-transaction': {word: 'Idle in transaction', tone: 'bad'},
    'second-connection': {word: 'Second connection', tone: 'bad'},
    'waiting-for-lock': {word: 'Waiting for a lock', tone: 'warn'},
    'slow-query': {word: 'Slow query', tone: 'warn'},
    'too-much-load': {word: 'Too much load', tone: 'note'},
    'in-use': {word: 'In use', tone: 'plain'},
    'unknown': {word: 'Unknown', tone: 'plain'},
};

const ORDER = Object.keys(CAUSES);

/** A healthy pool has nothing to say after the sentence with its figures, except what is not well. */
export function stateOf({state, message}) {
    const warned = state === 'healthy' && sentences(message)[1] !== '';
    return STATES[warned ? 'warned' : state] ?? {word: state, tone: 'note', mark: '●'};
}

export function causeOf(name) {
    return CAUSES[name] ?? {word: name, tone: 'plain'};
}

/** The worst cause has the lowest rank. */
export function rankOf(name) {
    const rank = ORDER.indexOf(name);
    return rank < 0 ? ORDER.length : rank;
}
