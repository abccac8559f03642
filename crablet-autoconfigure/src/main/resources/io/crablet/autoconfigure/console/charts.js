import {byId, element, setText, showList} from './dom.js';
import {figure, moment} from './format.js';

const HEIGHT = 130;
const SAMPLES_IN_TABLE = 16;

const CHARTS = [
    {
        title: 'Connections',
        series: [
            {name: 'active', of: history => history.active, line: 'first'},
            {name: 'waiting', of: history => history.waiting, line: 'second', dash: [6, 3]},
            {name: 'suspects', of: history => history.suspects, line: 'third', dash: [2, 3]},
        ],
    },
    {
        title: 'Wait for a connection, ms',
        series: [{name: 'mean', of: history => history.acquireMs, line: 'first'}],
    },
    {title: 'Events appended a second', series: [{name: 'events/s', of: history => history.appended, line: 'first'}]},
];

let shown = [];
let table = null;
let latest = null;

// The table is filled only while it is open, and has to be up to date when it opens, also while the page is frozen.
byId('charts-as-table').addEventListener('toggle', () => latest && showCharts(latest));

/** Shows the history of a pool. The charts are made anew only if other series are there than before. */
export function showCharts(history) {
    latest = history;
    const charts = CHARTS
        .map(chart => ({...chart, series: chart.series.filter(series => series.of(history))}))
        .filter(chart => chart.series.length > 0);
    const names = charts.map(chart => chart.title + chart.series.map(series => series.name)).join();
    if (names !== shown.names) {
        shown.forEach(chart => chart.destroy());
        byId('charts').replaceChildren();
        table?.parentNode.remove();
        table = null;
        shown = charts.map(chart => new Chart(chart, byId('charts')));
        shown.names = names;
    }
    const times = timesOf(history);
    shown.forEach(chart => chart.update(times, history));
    showTable(times, history, charts);
}

function timesOf({endsAt, stepMs, active}) {
    const end = Date.parse(endsAt);
    return active.map((_, i) => (end - (active.length - 1 - i) * stepMs) / 1000);
}

class Chart {
    #series;
    #plot = null;
    #values;
    #lines;
    #place;
    #resize;

    constructor({title, series}, parent) {
        this.#series = series;
        this.#values = series.map(() => element('b', {}, '–'));
        this.#place = element('div', {class: 'plot', 'aria-hidden': 'true'});
        this.#lines = series.map(each => element('i', {class: each.line, 'aria-hidden': 'true'}));
        const legend = series.map((each, i) => element('span', {class: 'legend'}, this.#lines[i], ` ${each.name} `, this.#values[i]));
        parent.append(element('figure', {}, element('figcaption', {}, element('span', {class: 'title'}, title), ...legend), this.#place));
        this.#resize = new ResizeObserver(() => this.#plot?.setSize({width: this.#place.clientWidth, height: HEIGHT}));
        this.#resize.observe(this.#place);
        document.addEventListener('themechange', this.#paint);
    }

    update(times, history) {
        const data = [times, ...this.#series.map(series => series.of(history))];
        if (this.#plot) {
            this.#plot.setData(data);
        } else if (window.uPlot) {
            this.#plot = new window.uPlot(this.#options(), data, this.#place);
        } else {
            setText(this.#place, 'The charts could not be loaded. The table has the figures.');
        }
        this.#showValues(data, null);
    }

    destroy() {
        this.#resize.disconnect();
        document.removeEventListener('themechange', this.#paint);
        this.#plot?.destroy();
    }

    #paint = () => this.#plot?.redraw(false);

    /** At the cursor, or else the latest that there are. */
    #showValues(data, index) {
        this.#values.forEach((value, i) => {
            const series = data[i + 1];
            setText(value, figure(index === null ? series.findLast(each => each !== null) : series[index]));
        });
    }

    /** The colours are those that the style sheet gives to the legend. */
    #options() {
        const axis = {
            stroke: () => getComputedStyle(this.#place).color,
            grid: {stroke: () => getComputedStyle(this.#place).borderTopColor, width: 1},
            ticks: {show: false},
            font: '11px system-ui, sans-serif',
        };
        return {
            width: this.#place.clientWidth,
            height: HEIGHT,
            legend: {show: false},
            cursor: {sync: {key: 'history'}, drag: {x: false, y: false}, y: false, points: {size: 6}},
            scales: {x: {time: true}, y: {range: (_, min, max) => [0, Math.max(1, max * 1.1)]}},
            axes: [
                {...axis, space: 70, size: 28, values: (plot, splits, index, space, step) => splits.map(each => clock(each, step))},
                {...axis, size: 44, values: (_, splits) => splits.map(each => Number.isInteger(each) ? figure(each) : '')},
            ],
            series: [{}, ...this.#series.map((series, i) => ({
                label: series.name,
                stroke: () => getComputedStyle(this.#lines[i]).borderTopColor,
                dash: series.dash,
                width: 1.5,
                points: {show: true, size: 4, filter: (plot, index) => loners(plot.data[index])},
            }))],
            hooks: {setCursor: [plot => this.#showValues(plot.data, plot.cursor.idx ?? null)]},
        };
    }
}

/** A time of day, with its seconds only where they differ. */
function clock(seconds, step) {
    const time = moment(seconds * 1000).slice(-8);
    return step < 60 ? time : time.slice(0, -3);
}

/** What stands alone between gaps has no line, and needs a point to be seen. */
function loners(values) {
    const known = i => values[i] !== null && values[i] !== undefined;
    return values.map((_, i) => i).filter(i => known(i) && !known(i - 1) && !known(i + 1));
}

/** For who cannot see the charts: one line a minute, the latest first. */
function showTable(times, history, charts) {
    const details = byId('charts-as-table');
    const columns = charts.flatMap(chart => chart.series.map(series => ({...series, title: `${chart.title}: ${series.name}`})));
    if (!table) {
        table = element('table', {class: 'plain'},
            element('caption', {class: 'unseen'}, 'The last 15 minutes, a line for each minute'),
            element('thead', {}, element('tr', {}, element('th', {scope: 'col'}, 'Time'),
                ...columns.map(column => element('th', {scope: 'col'}, column.title)))),
            element('tbody'));
        details.append(element('div', {class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'The charts as a table'}, table));
    }
    if (!details.open) {
        return;
    }
    const step = Math.max(1, Math.round(60_000 / history.stepMs));
    const lines = times.map((_, i) => i).filter(i => (times.length - 1 - i) % step === 0).slice(-SAMPLES_IN_TABLE).reverse();
    showList(table.tBodies[0], lines.map((index, line) => ({index, line})), each => each.line, () => createLine(columns, () => latest));
}

function createLine(columns, current) {
    const cells = columns.map(() => element('td'));
    const time = element('th', {scope: 'row'});
    return {
        node: element('tr', {}, time, ...cells),
        update: ({index}) => {
            const history = current();
            setText(time, moment(timesOf(history)[index] * 1000));
            columns.forEach((column, i) => setText(cells[i], figure(column.of(history)[index])));
        },
    };
}
