// A list that grows: a few times as one scrolls, and always by a button.

import { execute } from './api.js';
import { announce, h } from './dom.js';
import { stories } from './format.js';
import { empty, reasonOf } from './states.js';

const BY_ITSELF = 4; // pages, to reach the foot

/** @type {Feed} */
export function feed({ page, operation: [name, variables], pick, draw, shape = 'grid' }) {
	const items = (of) => (of.edges ?? of.nodes ?? []).map((entry, index) => h('li', draw(entry, index)));
	const list = h(`ol.${shape}`, ...items(page));
	if (!list.hasChildNodes()) return empty('There are no stories here.');

	const problem = h('p', { role: 'alert' });
	const button = h('button', { onclick: () => grow(true) });
	const foot = h('div.more', problem, button);
	const watcher = new IntersectionObserver(
		([{ isIntersecting }]) => isIntersecting && grown < BY_ITSELF && grow(false),
		{ rootMargin: '600px' },
	);
	let after = page.pageInfo.endCursor;
	let grown = 0;
	let isBusy = false;

	/** @param {boolean} byButton then the focus goes to what is new */
	async function grow(byButton) {
		if (isBusy) return;
		isBusy = true;
		problem.textContent = '';
		button.textContent = 'Loading …';
		watcher.disconnect();
		try {
			const next = pick(await execute([name, { ...variables, after, isFirst: false }]));
			const added = items(next);
			list.append(...added);
			grown += 1;
			settle(next);
			announce(`${stories(added.length)} more`);
			if (byButton) added[0]?.querySelector('a')?.focus({ preventScroll: true });
		} catch (error) {
			problem.textContent = reasonOf(error)[0];
			button.textContent = 'Try again';
		}
		isBusy = false;
	}

	function settle({ pageInfo }) {
		after = pageInfo.endCursor;
		button.textContent = 'More stories';
		foot.hidden = !pageInfo.hasNextPage;
		if (pageInfo.hasNextPage) watcher.observe(foot); // anew: it may be in sight still
	}

	settle(page);
	return h('div.feed', list, foot);
}
