/** How figures are written. */

export function duration(ms) {
    if (ms === null || ms === undefined) {
        return '';
    }
    if (ms < 1000) {
        return `${Math.round(ms)} ms`;
    }
    const seconds = Math.floor(ms / 1000);
    if (seconds < 60) {
        return `${seconds} s`;
    }
    if (seconds < 600) {
        return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
    }
    if (seconds < 3600) {
        return `${Math.floor(seconds / 60)} min`;
    }
    if (seconds < 86_400) {
        return `${Math.floor(seconds / 3600)} h ${pad(Math.floor((seconds % 3600) / 60))} min`;
    }
    return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

function pad(number) {
    return String(number).padStart(2, '0');
}

const times = new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit', second: '2-digit'});
const dates = new Intl.DateTimeFormat('en-GB', {day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit'});

/** A moment as a time of this day, or with its day if it was another one. */
export function moment(value) {
    const date = new Date(value);
    return date.toDateString() === new Date().toDateString() ? times.format(date) : dates.format(date);
}

export function count(number, one, more) {
    return `${number.toLocaleString('en')} ${number === 1 ? one : more}`;
}

/** A figure with as many digits as it is worth. */
export function figure(number) {
    if (number === null || number === undefined) {
        return '–';
    }
    if (number !== 0 && Math.abs(number) < 10 && !Number.isInteger(number)) {
        return number.toFixed(number < 1 ? 2 : 1);
    }
    return Math.round(number).toLocaleString('en');
}

/** The class with its method and the file of a line of code, shop.Orders.importOrders(Orders.java:14), without the package. */
export function frame(line) {
    const parts = /^(?:.*\.)?([^.()]+\.[^.()]+)\((.*)\)$/s.exec(line ?? '');
    return parts ? {method: parts[1], file: parts[2]} : {method: line ?? '', file: ''};
}

/** The first sentence of a text, and what comes after it. */
export function sentences(text) {
    const end = /[.!?]\s+(?=\p{Lu}|\d)/u.exec(text ?? '');
    return end ? [text.slice(0, end.index + 1), text.slice(end.index + end[0].length)] : [text ?? '', ''];
}
