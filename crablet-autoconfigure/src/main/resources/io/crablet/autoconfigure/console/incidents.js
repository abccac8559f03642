import {showFrames} from './connections.js';
import {byId, element, setAttribute, setPart, setText, showList} from './dom.js';
import {count, duration, frame} from './format.js';
import {Table, showDuration, showFrame, showMoment} from './table.js';
import {causeOf} from './words.js';

/** What went wrong in a pool and is over: connections taken back, callers that waited in vain, second borrows. */
export class IncidentsView {
    #leaks;
    #timeouts;
    #seconds;

    constructor() {
        byId('incidents').replaceChildren();
        this.#leaks = new Incidents('Connections taken back', leakColumns(), leakKey, framesOf(leak => leak.connection.frames));
        this.#timeouts = new Incidents('Callers that waited in vain', timeoutColumns(), each => each.at + each.thread, timeoutDetail());
        this.#seconds = new Incidents('Second borrows', secondColumns(), each => `${each.firstSite} ${each.secondSite}`, null);
    }

    update(report) {
        this.#leaks.update(report.recentLeaks);
        this.#timeouts.update(report.recentTimeouts);
        this.#seconds.update(report.secondBorrows);
        setText(byId('totals'), totals(report.totals));
    }
}

function totals(all) {
    return 'Since the start: ' + [
        count(all.borrows, 'borrow', 'borrows'),
        count(all.leaks, 'leak', 'leaks'),
        `${all.leaksReclaimed} of them taken back`,
        count(all.timeouts, 'timeout', 'timeouts'),
        count(all.secondBorrows, 'second borrow', 'second borrows'),
        all.otherReclaimed > 0 ? `${all.otherReclaimed} taken back otherwise` : '',
    ].filter(Boolean).join(' · ');
}

/** A table that is there only if it has rows. */
class Incidents {
    #place;
    #table;

    constructor(title, columns, keyOf, unfold) {
        this.#place = element('div', {hidden: true}, element('h3', {}, title));
        byId('incidents').append(this.#place);
        this.#table = new Table(this.#place, {caption: title, columns, keyOf, unfold, limit: 10});
    }

    update(items) {
        this.#place.hidden = items.length === 0;
        this.#table.update(items);
    }
}

function leakKey({connection}) {
    return connection.id;
}

function leakColumns() {
    return [
        {id: 'at', label: 'At', show: (cell, leak) => showMoment(cell, leak.at)},
        {id: 'held', label: 'Held', show: (cell, leak) => showDuration(cell, leak.connection.heldMs)},
        {id: 'operation', label: 'Operation and thread', show: (cell, {connection}) => {
            setPart(cell, 'what', connection.operation ?? 'no operation known');
            setPart(cell, 'thread', connection.thread);
        }},
        {id: 'site', label: 'Borrowed at', show: (cell, leak) => showFrame(cell, leak.connection.frames[0])},
        {id: 'outcome', label: 'Outcome', show: (cell, leak) => setPart(cell, 'what', leak.outcome)},
        {id: 'verdict', label: 'Verdict', show: (cell, {connection}) => {
            const {word, tone} = causeOf(connection.verdict?.cause ?? 'unknown');
            setAttribute(setPart(cell, 'badge', connection.verdict ? word : 'Taken'), 'data-tone', tone);
            setPart(cell, 'message', connection.verdict?.message);
        }},
    ];
}

function timeoutColumns() {
    return [
        {id: 'at', label: 'At', show: (cell, each) => showMoment(cell, each.at)},
        {id: 'held', label: 'Waited', show: (cell, each) => showDuration(cell, each.waitedMs)},
        {id: 'operation', label: 'Operation and thread', show: (cell, each) => {
            setPart(cell, 'what', each.operation ?? 'no operation known');
            setPart(cell, 'thread', each.thread);
        }},
        {id: 'site', label: 'Asked at', show: (cell, each) => showFrame(cell, each.frames[0])},
        {id: 'holders', label: 'Who held the connections', show: (cell, each) =>
            setPart(cell, 'value', each.holders.slice(0, 3).map(holder => `${holder.count} × ${frame(holder.site).method}`).join(', '))},
    ];
}

function holderWords({site, count: number, oldestMs, operations}) {
    return `${number} × ${site} (oldest ${duration(oldestMs)}${operations.length > 0 ? `; ${operations.join(', ')}` : ''})`;
}

function timeoutDetail() {
    return framesOf(each => each.frames, each => each.holders.map(holderWords));
}

/** Unfolds to the frames, and to further lines below them. */
function framesOf(frames, more = () => []) {
    return {
        label: each => `All about what happened at ${each.at}`,
        create: () => {
            const lines = element('ol', {class: 'frames'});
            const others = element('ul', {class: 'frames'});
            return {
                node: element('div', {class: 'folded'}, lines, others),
                update: each => {
                    showFrames(lines, frames(each));
                    showList(others, more(each), line => line, line => ({node: element('li', {}, line), update: () => {}}));
                },
            };
        },
    };
}

function secondColumns() {
    return [
        {id: 'count', label: 'Times', show: (cell, each) => setPart(cell, 'value', each.count.toLocaleString('en'))},
        {id: 'site', label: 'Holding one from', show: (cell, each) => showFrame(cell, each.firstSite)},
        {id: 'site', label: 'Borrowed another at', show: (cell, each) => showFrame(cell, each.secondSite)},
    ];
}
