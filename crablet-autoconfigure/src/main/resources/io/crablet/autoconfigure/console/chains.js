/**
 * Those that hold locks, each with those that wait for it below. Everyone is there once: the server names to who waits in a queue all
 * that are ahead, and so the nearest of them is who it is put under. The others that are not above it are its `blockers`.
 * Whose blockers are not known has got its lock while the server was asked: it no longer waits, and may hold up others.
 */
export function chainTrees(chains, blocked, borrowers) {
    const placed = new Map();
    const place = (pid, session, above, blockedBy) => {
        const node = {
            key: pid,
            pid,
            session,
            borrower: borrowers.get(pid),
            role: above ? 'waits' : 'holds',
            above,
            depth: above ? above.depth + 1 : 0,
            waiting: [],
            blockers: [...new Set(blockedBy)].filter(by => !isAbove(by, above)),
            elsewhere: [],
        };
        above?.waiting.push(node);
        placed.set(pid, node);
        return node;
    };
    const roots = chains.map(chain => Object.assign(place(chain.holder, chain.session, null, []), {elsewhere: chain.waiting}));
    let left = blocked.filter(each => each.blockedBy.length > 0 && !placed.has(each.pid));
    const inTheWay = new Set(left.flatMap(each => each.blockedBy));
    blocked.filter(each => each.blockedBy.length === 0 && inTheWay.has(each.pid) && !placed.has(each.pid))
        .forEach(each => roots.push(place(each.pid, each, null, [])));
    for (;;) {
        // In a circle nobody has all of theirs.
        const next = left.find(each => each.blockedBy.every(by => placed.has(by)))
            ?? left.find(each => each.blockedBy.some(by => placed.has(by)));
        if (!next) {
            return roots;
        }
        const nearest = next.blockedBy.map(by => placed.get(by)).filter(Boolean)
            .reduce((best, each) => each.depth > best.depth ? each : best);
        place(next.pid, next, nearest, next.blockedBy);
        left = left.filter(each => each !== next);
    }
}

function isAbove(pid, node) {
    for (let each = node; each; each = each.above) {
        if (each.pid === pid) {
            return true;
        }
    }
    return false;
}
