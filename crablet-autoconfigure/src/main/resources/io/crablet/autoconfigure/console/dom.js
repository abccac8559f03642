/** Small tools for a page whose text comes from others: what they put into it is always text, never HTML. */

/** Creates an element. Functions among the attributes are listeners; true, false and null switch an attribute on and off. */
export function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (typeof value === 'function') {
            node.addEventListener(name, value);
        } else {
            setAttribute(node, name, value);
        }
    }
    node.append(...children.filter(child => child !== null && child !== undefined));
    return node;
}

export function byId(id) {
    return document.getElementById(id);
}

/** Leaves a text alone that has not changed, and with it what the reader has selected in it. */
export function setText(node, text) {
    const value = text === null || text === undefined ? '' : String(text);
    if (node.textContent !== value) {
        node.textContent = value;
    }
}

export function setAttribute(node, name, value) {
    if (value === null || value === undefined || value === false) {
        node.removeAttribute(name);
    } else if (node.getAttribute(name) !== (value === true ? '' : String(value))) {
        node.setAttribute(name, value === true ? '' : String(value));
    }
}

/** Sets the text of the part of a node that has this class; the part is there from its first text on, and hidden without one. */
export function setPart(node, className, text, tag = 'span') {
    node.parts ??= new Map();
    let part = node.parts.get(className);
    if (!part) {
        if (!text) {
            return null;
        }
        part = element(tag, {class: className});
        node.parts.set(className, part);
        node.append(part);
    }
    setText(part, text);
    part.hidden = !text;
    return part;
}

const views = new WeakMap();

/**
 * Shows items as children of a parent, after a child that stays. Each item keeps its node from one update to the next, so that
 * focus, selection and what is unfolded survive. `create` returns {node, update}.
 */
export function showList(parent, items, keyOf, create, after = null) {
    const before = views.get(parent) ?? new Map();
    const now = new Map();
    const focused = document.activeElement;
    for (const item of items) {
        const key = keyOf(item);
        if (!now.has(key)) {
            const view = before.get(key) ?? create(item);
            view.update(item);
            now.set(key, view);
        }
    }
    before.forEach((view, key) => now.has(key) || view.node.remove());
    let previous = after;
    now.forEach(({node}) => {
        const place = previous ? previous.nextSibling : parent.firstChild;
        if (place !== node) {
            parent.insertBefore(node, place);
        }
        previous = node;
    });
    views.set(parent, now);
    // A node that was moved has lost the focus.
    if (focused !== document.activeElement && parent.contains(focused)) {
        focused.focus({preventScroll: true});
    }
}
