// Addresses ↔ pages. Pages that were left are kept in memory for the Back button.

import { adopt } from './adopt.js';
import { execute } from './api.js';
import { announce, root } from './dom.js';
import { address } from './loader.js';
import { current, isServed, show } from './stage.js';
import { failure, skeleton } from './states.js';
import { front } from './views/front.js';
import { provider, topic } from './views/lists.js';
import { search } from './views/search.js';

/** @type {[RegExp, ToView][]} */
const ROUTES = [
	[/^\/$/, front],
	[/^\/topic\/(.+)/, topic],
	[/^\/provider\/(.+)/, provider],
	[/^\/(article\/.+|topics$|providers$)/, () => ({})],
	[/^\/search$/, search],
];
const KEPT = 20; // pages
const AT_ONCE = 150; // ms: what comes sooner needs no outline
const SLOW = 4_000;

/** By the key of their history entry. @type {Map<string, HistoryEntry>} */
const left = new Map();
let key = '';
let here = '';
let leaving = new AbortController();

/** Show the page of the address bar, and follow links. */
export function start() {
	history.scrollRestoration = 'manual';
	addEventListener('pagehide', ({ persisted }) => persisted || (history.scrollRestoration = 'auto'));
	addEventListener('click', onClick);
	addEventListener('submit', onSubmit);
	addEventListener('popstate', onPopState);
	addEventListener('scrollend', () => history.replaceState({ key, y: scrollY }, ''));
	addEventListener('online', () => current() || open());
	enter();
	const { y } = history.state;
	if (y && !scrollY) scrollTo({ top: y, behavior: 'instant' });
	open({ y, focus: null, served: isServed() && here === address });
}

/** Show the page anew, and forget the others, which are old. */
export function refresh() {
	left.clear();
	open();
}

function go(url) {
	keep();
	history.pushState(null, '', url);
	enter();
	open();
}

/** @param {How} [how] */
async function open({ y, focus, served } = {}) {
	leaving.abort();
	leaving = new AbortController();
	const { signal } = leaving;
	const view = viewOf(location);
	const outline = () => served || show({ title: 'Loading …', node: skeleton() }, { focus: null });
	const timers = [
		setTimeout(outline, AT_ONCE),
		setTimeout(announce, SLOW, 'This takes longer than usual …'),
	];
	signal.addEventListener('abort', () => timers.forEach(clearTimeout));
	try {
		const page = (view.operation && view.render(await execute(view.operation, { signal }))) || (await adopt(served, signal));
		show(page, { y: served ? scrollY : y, focus });
		announce(page.status ?? '');
	} catch (error) {
		// The server's page can still be read.
		if (!signal.aborted && !served) show({ title: 'No news', node: failure(error, () => open()) });
	} finally {
		timers.forEach(clearTimeout);
	}
}

function viewOf({ pathname, search: query }) {
	const path = pathname.startsWith(root) ? pathname.slice(root.length) : '';
	for (const [pattern, view] of ROUTES) {
		const found = pattern.exec(path);
		if (found) return view(decoded(found[1]), new URLSearchParams(query));
	}
}

function decoded(path = '') {
	try {
		return decodeURIComponent(path);
	} catch {
		return path; // a lone `%` means itself
	}
}

/** Note which history entry this is. */
function enter() {
	key = history.state?.key ?? `${Math.random()}`;
	here = location.pathname + location.search;
	history.replaceState({ ...history.state, key }, '');
}

/** Keep the page that is about to be left. */
function keep() {
	const page = current();
	if (!page) return;
	left.set(key, { page, y: scrollY, focus: page.node.querySelector(':focus') ?? undefined });
	if (left.size > KEPT) left.delete([...left.keys()][0]);
}

function onPopState() {
	const isSame = here === location.pathname + location.search;
	if (!isSame) keep();
	enter();
	if (isSame) return; // but for its fragment
	const back = left.get(key);
	if (!back) return open({ y: history.state.y });
	leaving.abort();
	show(back.page, back);
}

function onClick(event) {
	const link = event.target instanceof Element && event.target.closest('a');
	if (!link || !link.href || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
	const url = new URL(link.href);
	if (url.origin !== location.origin || url.hash || !viewOf(url)) return;
	event.preventDefault();
	go(url);
}

function onSubmit(event) {
	event.preventDefault();
	go(new URL(`?${new URLSearchParams(/** @type {any} */ (new FormData(event.target)))}`, event.target.action));
}
