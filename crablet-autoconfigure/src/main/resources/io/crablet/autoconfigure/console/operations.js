import {operate, readPool} from './client.js';
import {byId, element, setAttribute, setText, showList} from './dom.js';
import {moment} from './format.js';
import {planForConnection, planForSession, plansForPool} from './plans.js';

const OUTCOMES = {
    done: {word: 'Done', tone: 'good'},
    refused: {word: 'Refused', tone: 'warn'},
    invalid: {word: 'Not understood', tone: 'warn'},
    failed: {word: 'Failed', tone: 'bad'},
    gone: {word: 'Not done', tone: 'warn'},
    trouble: {word: 'Failed', tone: 'bad'},
    unknown: {word: 'Not known', tone: 'warn'},
};

/** Asks before it does something, does it, says what came of it, and remembers that as long as the page is open. */
export class Operations {
    #dialog = byId('dialog');
    #cancel = byId('dialog-cancel');
    #confirm = byId('dialog-confirm');
    #inputs = [];
    #plan = null;
    #pool = null;
    #url = null;
    #csrf = null;
    #report = null;
    #entries = [];
    #afterwards;

    /** `afterwards` is called when something has been done. */
    constructor(afterwards) {
        this.#afterwards = afterwards;
        byId('dialog-form').addEventListener('submit', event => {
            event.preventDefault();
            this.#carryOut();
        });
        this.#cancel.addEventListener('click', () => this.#dialog.close());
    }

    /** The operations of a pool; without `url` there are none. */
    update(report, url, csrf) {
        this.#report = report;
        this.#url = url;
        this.#csrf = csrf;
        byId('operations').hidden = !url;
        showList(byId('operation-buttons'), url ? plansForPool(report) : [], plan => plan.id, plan => this.#createButton(plan));
    }

    onConnection = (name, connection) => this.#open(planForConnection(name, connection));

    onSession = (name, session, borrower) => this.#open(planForSession(name, session, borrower));

    #createButton(plan) {
        return {
            node: element('button', {
                type: 'button',
                class: plan.danger ? 'danger' : null,
                'data-operation': plan.id,
                click: () => this.#open(plansForPool(this.#report).find(each => each.id === plan.id)),
            }, plan.label),
            update: () => {},
        };
    }

    #open(plan) {
        this.#plan = plan;
        this.#pool = {name: this.#report.name, url: this.#url};
        setText(byId('dialog-title'), plan.title);
        const body = byId('dialog-body');
        body.replaceChildren(...plan.sentences.filter(Boolean).map(sentence => element('p', {}, sentence)));
        if (plan.statement) {
            body.append(element('code', {class: 'sql block'}, plan.statement));
        }
        this.#inputs = (plan.fields ?? []).map(({name, type, value}) => element('input', {
            name,
            type,
            value: value ?? '',
            min: type === 'number' ? 0 : null,
            autocomplete: 'off',
            spellcheck: 'false',
        }));
        body.append(...this.#inputs.map((input, i) => element('label', {class: 'field'}, plan.fields[i].label, input)));
        setText(this.#confirm, plan.confirm);
        this.#confirm.hidden = false;
        this.#confirm.disabled = false;
        setText(this.#cancel, 'Cancel');
        this.#showOutcome(null);
        this.#dialog.showModal();
        // Not what comes first: whoever presses Enter too early has done nothing.
        this.#cancel.focus();
    }

    async #carryOut() {
        if (this.#confirm.disabled || this.#confirm.hidden) {
            return;
        }
        const plan = this.#plan;
        const pool = this.#pool;
        this.#confirm.disabled = true;
        this.#showOutcome({tone: 'plain', word: 'Asking the application', message: '…'});
        const result = await this.#attempt(plan, pool);
        const entry = {...result, ...OUTCOMES[result.outcome], title: plan.title, pool: pool.name, at: Date.now()};
        this.#remember(entry);
        this.#afterwards();
        if (plan !== this.#plan) {
            return;
        }
        this.#showOutcome(entry);
        this.#confirm.disabled = false;
        if (result.outcome === 'done' || result.outcome === 'gone') {
            this.#confirm.hidden = true;
            setText(this.#cancel, 'Close');
            this.#cancel.focus();
        }
    }

    async #attempt(plan, pool) {
        try {
            if (plan.isCurrent) {
                // What the page shows may be old, and the server gives the number of an ended process to another one.
                const {report} = await readPool(pool.name);
                if (!plan.isCurrent(report)) {
                    return {outcome: 'gone', message: plan.gone};
                }
            }
            const values = Object.fromEntries(this.#inputs.map(input => [input.name, input.value.trim()]));
            return await operate(pool.url, this.#csrf, plan.request(values));
        } catch (e) {
            return {outcome: 'trouble', message: e.message};
        }
    }

    #showOutcome(entry) {
        const place = byId('dialog-outcome');
        setAttribute(place, 'data-tone', entry?.tone);
        place.replaceChildren(...(entry ? lines(entry) : []));
    }

    #remember(entry) {
        this.#entries.unshift(entry);
        byId('operation-log').hidden = false;
        showList(byId('operation-entries'), this.#entries, each => each, each => ({
            node: element('li', {'data-tone': each.tone},
                element('p', {class: 'muted'}, `${moment(each.at)} · ${each.pool} · ${each.title}`), ...lines(each)),
            update: () => {},
        }));
    }
}

function lines({word, message, before, after, sessions}) {
    return [
        element('p', {}, element('b', {}, `${word}: `), message),
        before && after ? element('p', {class: 'muted'}, change(before, after)) : null,
        sessions?.length > 0
            ? element('ul', {}, ...sessions.map(each => element('li', {}, `${each.pid}: ${each.message}`)))
            : null,
    ].filter(Boolean);
}

function change(before, after) {
    return ['total', 'active', 'idle', 'waiting', 'max']
        .map(name => before[name] === after[name] ? `${name} ${after[name]}` : `${name} ${before[name]} → ${after[name]}`)
        .join(' · ');
}
