import {element, setAttribute, setPart, setText, showList} from './dom.js';
import {duration, frame, moment} from './format.js';

let details = 0;

/**
 * A table that sorts, whose rows unfold, and that is brought up to date row by row. The roles are named since a narrow screen shows
 * rows as cards, which browsers no longer take for a table.
 *
 * Columns have `id`, `label`, `show(cell, item)`, and `value(item)` if they can be sorted by; `quiet` hides the label.
 */
export class Table {
    #columns;
    #keyOf;
    #unfold;
    #table;
    #head;
    #note;
    #items = [];
    #sort;
    #limit;
    #all = false;

    constructor(parent, {caption, columns, keyOf, unfold = null, sort = null, limit = Infinity}) {
        this.#columns = columns;
        this.#keyOf = keyOf;
        this.#unfold = unfold;
        this.#sort = sort;
        this.#limit = limit;
        this.#head = element('thead', {role: 'rowgroup'},
            element('tr', {role: 'row'}, ...columns.map(column => this.#header(column))));
        this.#table = element('table', {role: 'table', class: 'table'},
            element('caption', {class: 'unseen'}, caption), this.#head);
        this.#note = element('p', {class: 'muted note', hidden: true});
        parent.append(element('div', {class: 'scroll', tabindex: 0, role: 'group', 'aria-label': caption}, this.#table), this.#note);
        this.#markSort();
    }

    update(items) {
        this.#items = items;
        const sorted = this.#sorted(items);
        const shown = this.#all ? sorted : sorted.slice(0, this.#limit);
        showList(this.#table, shown, this.#keyOf, item => this.#row(item), this.#head);
        this.#showNote(shown.length, sorted.length);
    }

    #showNote(shown, all) {
        this.#note.hidden = shown === all;
        if (shown === all) {
            return;
        }
        if (!this.#note.firstChild) {
            this.#note.append(element('span'), ' ', element('button', {
                type: 'button',
                click: () => {
                    this.#all = true;
                    this.update(this.#items);
                },
            }));
        }
        setText(this.#note.firstChild, `The first ${shown} of ${all}.`);
        setText(this.#note.lastChild, `Show all ${all}`);
    }

    #header(column) {
        const label = column.value
            ? element('button', {type: 'button', class: 'sort', click: () => this.#sortBy(column)}, column.label)
            : element('span', {class: column.quiet ? 'unseen' : null}, column.label);
        return element('th', {role: 'columnheader', scope: 'col', class: `c-${column.id}`, 'data-column': column.id}, label);
    }

    #sortBy(column) {
        const descending = this.#sort?.column === column.id ? !this.#sort.descending : column.descending !== false;
        this.#sort = {column: column.id, descending};
        this.#markSort();
        this.update(this.#items);
    }

    #markSort() {
        for (const header of this.#head.querySelectorAll('th')) {
            const sorted = this.#sort?.column === header.dataset.column;
            setAttribute(header, 'aria-sort', sorted ? (this.#sort.descending ? 'descending' : 'ascending') : null);
        }
    }

    #sorted(items) {
        const column = this.#columns.find(each => each.id === this.#sort?.column);
        if (!column) {
            return items;
        }
        const direction = this.#sort.descending ? -1 : 1;
        return items.toSorted((a, b) => compare(column.value(a), column.value(b), direction));
    }

    #row(first) {
        let latest = first;
        const cells = this.#columns.map(column =>
            element('td', {role: 'cell', class: `c-${column.id}`, 'data-label': column.quiet ? null : column.label}));
        const row = element('tr', {role: 'row'}, ...cells);
        const body = element('tbody', {role: 'rowgroup'}, row);
        let fold = null;
        return {
            node: body,
            update: item => {
                latest = item;
                this.#columns.forEach((column, i) => column.show(cells[i], item));
                if (this.#unfold) {
                    fold ??= this.#fold(body, cells[0], () => latest);
                    fold(item);
                }
            },
        };
    }

    #fold(body, cell, latest) {
        const id = `detail-${++details}`;
        let detail = null;
        let open = false;
        const button = element('button', {type: 'button', class: 'unfold', 'aria-expanded': 'false'});
        button.addEventListener('click', () => {
            open = !open;
            setAttribute(button, 'aria-expanded', String(open));
            if (open && !detail) {
                const view = this.#unfold.create();
                detail = {view, node: element('tr', {role: 'row', class: 'detail', id},
                    element('td', {role: 'cell', colspan: this.#columns.length}, view.node))};
                setAttribute(button, 'aria-controls', id);
                body.append(detail.node);
            }
            detail.node.hidden = !open;
            detail.view.update(latest());
        });
        cell.classList.add('unfolds');
        cell.prepend(button);
        return item => {
            setAttribute(button, 'aria-label', this.#unfold.label(item));
            if (open) {
                detail.view.update(item);
            }
        };
    }
}

/** What is not known comes last, in both directions. */
function compare(a, b, direction) {
    const unknown = Number(a === null || a === undefined) - Number(b === null || b === undefined);
    if (unknown !== 0) {
        return unknown;
    }
    return direction * (typeof a === 'string' ? a.localeCompare(b) : (a ?? 0) - (b ?? 0));
}

export function showDuration(cell, ms) {
    setPart(cell, 'value', duration(ms));
}

export function showMoment(cell, iso) {
    setAttribute(setPart(cell, 'value', moment(iso), 'time'), 'datetime', iso);
}

/** What matters of a line of code; the whole of it is what the row unfolds to. */
export function showFrame(cell, line) {
    const {method, file} = frame(line);
    setPart(cell, 'method', method);
    setPart(cell, 'file', file);
    setAttribute(cell, 'title', line);
}
