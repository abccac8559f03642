import {byId, setPart, setText} from './dom.js';
import {duration, figure, moment} from './format.js';
import {Table} from './table.js';

let settings = null;
let statements = null;

/** Shows the settings in force, and what the capacity check found. */
export function showSettings(report) {
    settings ??= new Table(byId('settings'), {
        caption: 'Settings in force',
        keyOf: ([name]) => name,
        columns: [
            {id: 'name', label: 'Setting', show: (cell, [name]) => setPart(cell, 'value', name, 'code')},
            {id: 'value', label: 'Value', show: (cell, [, {value, configured}]) => {
                setPart(cell, 'value', String(value));
                setPart(cell, 'note', configured === undefined ? '' : `configured: ${configured}`);
            }},
            {id: 'from', label: 'From', show: (cell, [, {from}]) => setPart(cell, 'value', from)},
        ],
    });
    const entries = Object.entries(report.settings ?? {});
    settings.update(entries);
    setText(byId('settings-summary'), `All ${entries.length} settings in force (profile ${report.profile})`);
    setText(byId('capacity'), report.capacity ?? 'Whether the pool fits the server was not checked.');
}

/** Shows what the server has spent its time on, where it counts that. */
export function showStatements(server) {
    const {topStatements, topStatementsSince, topStatementsHint} = server ?? {};
    byId('statements').hidden = !topStatements && !topStatementsHint;
    setText(byId('statements-since'), topStatementsHint ?? (topStatementsSince ? `Recorded since ${moment(topStatementsSince)}` : ''));
    byId('statements-table').hidden = !topStatements;
    if (!topStatements) {
        return;
    }
    statements ??= new Table(byId('statements-table'), {
        caption: 'Top statements',
        keyOf: each => each.queryId,
        sort: {column: 'total', descending: true},
        columns: [
            {id: 'statement', label: 'Statement',
                show: (cell, each) => setPart(cell, 'sql', each.statement ?? `query ${each.queryId}`, 'code')},
            {id: 'calls', label: 'Calls', value: each => each.calls, show: (cell, each) => setPart(cell, 'value', figure(each.calls))},
            {id: 'total', label: 'Total', value: each => each.totalMs,
                show: (cell, each) => setPart(cell, 'value', duration(each.totalMs))},
            {id: 'mean', label: 'Mean', value: each => each.meanMs,
                show: (cell, each) => setPart(cell, 'value', `${figure(each.meanMs)} ms`)},
            {id: 'rows', label: 'Rows', value: each => each.rows, show: (cell, each) => setPart(cell, 'value', figure(each.rows))},
        ],
    });
    statements.update(topStatements);
}
