/** Talks to the application, and says in a sentence what is wrong if that does not work. */

const PATIENCE_MS = 15_000;

/** What an operation has not got past. After another error, or without an answer, it may have been carried out. */
const NOT_DONE = [401, 403, 404, 405];

/** Something is wrong, in words for the reader. */
export class Trouble extends Error {
    constructor(message, status = 0) {
        super(message);
        this.status = status;
    }
}

export function readPools() {
    return read('pools');
}

export function readPool(name) {
    return read(`pools/${encodeURIComponent(name)}`);
}

async function read(path) {
    // Next to this file: the page itself has no slash at its end.
    const response = await send(new URL(path, import.meta.url), {});
    const body = await json(response);
    if (!response.ok) {
        throw new Trouble(readingTrouble(response.status, body), response.status);
    }
    return body;
}

/** Returns what came of an operation: its outcome, also that it was refused, or `unknown`. */
export async function operate(url, csrf, request) {
    const headers = {'Content-Type': 'application/json'};
    if (csrf) {
        headers[csrf.header] = csrf.token;
    }
    try {
        const response = await send(new URL(url, document.baseURI), {method: 'POST', headers, body: JSON.stringify(request)});
        const body = await json(response);
        if (typeof body?.outcome === 'string') {
            return body;
        }
        throw new Trouble(operatingTrouble(response.status, body), response.status);
    } catch (e) {
        if (!(e instanceof Trouble) || NOT_DONE.includes(e.status)) {
            throw e;
        }
        return {outcome: 'unknown', message: `${e.message} Whether it was done is not known: look at the pool.`};
    }
}

async function send(url, options) {
    let response;
    try {
        response = await fetch(url, {
            ...options,
            headers: {Accept: 'application/json', ...options.headers},
            cache: 'no-store',
            credentials: 'same-origin',
            // To a login page, when the session has expired.
            redirect: 'manual',
            signal: AbortSignal.timeout(PATIENCE_MS),
        });
    } catch (e) {
        throw withoutAnswer(e, 'The application cannot be reached.');
    }
    if (response.type === 'opaqueredirect' || response.status === 401) {
        throw new Trouble('You are not logged in any more. Reload the page to log in again.', 401);
    }
    return response;
}

async function json(response) {
    try {
        return await response.json();
    } catch (e) {
        if (!response.ok) {
            return null;
        }
        throw e instanceof SyntaxError
            ? new Trouble('Something else than the application has answered, perhaps a login page. Reload the page.', 401)
            : withoutAnswer(e, 'The application’s answer broke off.');
    }
}

function withoutAnswer(e, broken) {
    return new Trouble(e.name === 'TimeoutError' ? `The application has not answered for ${PATIENCE_MS / 1000} s.` : broken);
}

function readingTrouble(status, body) {
    if (status === 403) {
        return 'You may not see this (403).';
    }
    if (status === 404) {
        return body?.message ?? 'The application has no such console any more (404).';
    }
    return `The application has answered with an error (${status}).`;
}

function operatingTrouble(status, body) {
    switch (status) {
        case 403:
            return 'You may not do this, or the page has been open for so long that its session has expired (403). '
                + 'Nothing was done. Reload the page.';
        case 404:
            return body?.message ?? 'There is no such pool any more (404). Nothing was done.';
        case 405:
            return 'The application does not allow operations any more (405). Nothing was done. See management.endpoint.pool.access.';
        default:
            return `The application has answered with an error (${status}).`;
    }
}
