// Suggestions below the search field: a combobox of the ARIA Authoring Practices Guide.
// The focus stays in the field. Options are links, which the router follows.

import { execute } from './api.js';
import { announce, byId, h } from './dom.js';
import { toSearch } from './links.js';

const SHORTEST = 2; // characters
const LONGEST = 100;
const PAUSE = 200; // ms without typing

const field = byId('q');
const list = byId('suggestions');
let timer = 0;
let request = new AbortController();

export function start() {
	field.addEventListener('input', onInput);
	field.addEventListener('keydown', onKeyDown);
	field.addEventListener('blur', close);
	field.form.addEventListener('submit', close);
	list.addEventListener('mousedown', (event) => event.preventDefault());
	list.addEventListener('click', close);
}

function onInput() {
	cancel();
	const prefix = field.value.trim();
	if (prefix.length < SHORTEST || prefix.length > LONGEST) return close();
	timer = setTimeout(suggest, PAUSE, prefix);
}

async function suggest(prefix) {
	request = new AbortController();
	const { signal } = request;
	try {
		const data = await execute(['Suggest', { prefix }], { signal });
		if (!signal.aborted) open(data.suggest);
	} catch {
		if (!signal.aborted) close(); // searching works without suggestions
	}
}

function open({ topics, providers, titles }) {
	list.replaceChildren(
		...[
			group('Topics', topics, (name) => section(name) ?? quoted('topic', name)),
			group('Publishers', providers, (name) => quoted('provider', name)),
			group('Headlines', titles, (title) => quoted('title', title)),
		].filter(Boolean),
	);
	const options = optionsOf();
	options.forEach((option, index) => (option.id = `suggestion-${index}`));
	mark();
	expand(options.length > 0);
	if (options.length > 0) announce(`${options.length} suggestions`);
}

function group(label, names, address) {
	if (!names?.length) return null;
	const options = names.map((name) =>
		h('a', { role: 'option', tabindex: -1, 'aria-selected': 'false', dir: 'auto', href: address(name) }, name),
	);
	return h('div', { role: 'group', 'aria-label': label }, h('b', { 'aria-hidden': 'true' }, label), ...options);
}

/** The address of a topic among the sections: only their slugs are known here. */
function section(name) {
	const links = /** @type {HTMLAnchorElement[]} */ ([...byId('sections').querySelectorAll('a')]);
	return links.find((link) => link.textContent === name)?.href;
}

const quoted = (name, text) => toSearch({ q: `${name}:"${text.replaceAll('"', ' ')}"` });

function onKeyDown(event) {
	if (event.isComposing) return;
	const options = optionsOf();
	if (event.key === 'Escape' && !list.hidden) event.preventDefault(); // else it empties the field
	if (event.key === 'Escape') return close();
	if (list.hidden || options.length === 0) return;
	const marked = options.findIndex((option) => option.ariaSelected === 'true');
	if (event.key === 'Enter' && marked >= 0) options[marked].click();
	else if (event.key === 'ArrowDown') mark(options[marked + 1]);
	else if (event.key === 'ArrowUp') mark(marked < 0 ? options.at(-1) : options[marked - 1]);
	else return;
	event.preventDefault();
}

/** Select an option, or none: then Enter searches for what was typed. @param {Element} [chosen] */
function mark(chosen) {
	for (const option of optionsOf()) option.ariaSelected = String(option === chosen);
	if (chosen) field.setAttribute('aria-activedescendant', chosen.id);
	else field.removeAttribute('aria-activedescendant');
	chosen?.scrollIntoView({ block: 'nearest' });
}

/** @returns {HTMLElement[]} */
const optionsOf = () => [...list.querySelectorAll('[role=option]')];

function cancel() {
	clearTimeout(timer);
	request.abort();
}

function close() {
	cancel();
	mark();
	expand(false);
}

function expand(isOpen) {
	list.hidden = !isOpen;
	field.setAttribute('aria-expanded', String(isOpen));
}
