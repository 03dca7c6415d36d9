// A search, and what narrows it down: each choice is a link.

import { card } from '../cards.js';
import { h } from '../dom.js';
import { feed } from '../feed.js';
import { number, stories } from '../format.js';
import { toSearch } from '../links.js';
import { empty } from '../states.js';

/** @type {Record<string, string>} */
const HINTS = {
	NO_WORDS: 'There is no word in this search. Type a word to search for.',
	ONLY_COMMON_WORDS: 'Words such as “the” are in every story. Add a word that is more telling.',
	ONLY_EXCLUDED_WORDS: 'This search only excludes words. Add a word that stories must contain.',
	SIMILAR_WORDS: 'No story contains these words. The stories below contain similar ones.',
};

/** @type {ToView} */
export function search(_, query) {
	const chosen = Object.fromEntries([...query].filter(([, value]) => value.trim()));
	/** @type {OperationCall} */
	const operation = ['Search', variablesOf(chosen)];
	return { operation, render: ({ articles }) => page(articles, chosen, operation) };
}

/** @param {Record<string, string>} chosen */
function variablesOf({ q, topic, provider, type, year, sort }) {
	const where = {
		topics: topic && { any: [topic], includeDescendants: true },
		provider: provider && { any: [provider] },
		type: type && { eq: type },
		publishedDateTime: year && { gte: `${year}-01-01`, lt: `${Number(year) + 1}-01-01` },
	};
	return { search: q, where, orderBy: sort && [{ field: 'PUBLISHED_DATE_TIME' }] };
}

function page(articles, chosen, operation) {
	const { totalCount, facets, search: outcome } = articles;
	const hint = HINTS[outcome?.hint];
	const correction = outcome?.didYouMean;
	const title = chosen.q ? `“${chosen.q}”` : 'All stories';
	const list = feed({
		page: articles,
		operation,
		pick: (data) => data.articles,
		draw: ({ node, highlights }, index) => card(node, { level: 2, shape: 'row', eager: index < 3, marks: highlights }),
		shape: 'rows',
	});
	const nothing = empty(!hint && 'Nothing was found. ', h('a', { href: '/search' }, 'Look at all stories'), ', or try other words.');
	const choices = ['topic', 'provider', 'type', 'year'].map((name) => facet(name, facets[`${name}s`], chosen));
	const open = matchMedia('(min-width: 60rem)').matches && '';
	const node = h(
		'div.search',
		h('header', h('h1', { tabindex: -1 }, title), h('p.count', stories(totalCount), chosen.q && totalCount > 1 && order(chosen)), hint && h('p.hint', hint), correction && h('p.hint', 'Did you mean ', h('a', { href: toSearch({ ...chosen, q: correction }) }, correction), '?')),
		choices.some(Boolean) && h('details.facets', { open }, h('summary', 'Narrow it down'), ...choices),
		totalCount > 0 ? list : nothing,
	);
	return { title: `Search: ${title}`, status: [`${stories(totalCount)} found`, hint, correction && `Did you mean ${correction}?`].filter(Boolean).join('. '), node };
}

/** The choices of a facet; the chosen one stays, to be taken back. */
function facet(name, buckets, chosen) {
	const own = chosen[name];
	const shown = !own || buckets.some(({ value }) => value === own) ? buckets : [{ value: own }, ...buckets];
	const links = shown.map(({ value, count, node }) => {
		const isOwn = value === own;
		const href = toSearch({ ...chosen, [name]: isOwn ? '' : value });
		const label = h('span', { dir: 'auto' }, node?.name ?? value);
		return h('li', h('a', { href, 'aria-current': isOwn }, label, isOwn ? ' ×' : h('i', number(count))));
	});
	return links.length > 0 && h('section', h('h2', name), h('ul', ...links));
}

function order(chosen) {
	const way = (label, sort = '') => {
		const isOwn = sort === (chosen.sort ?? '');
		return h('a', { href: toSearch({ ...chosen, sort }), 'aria-current': isOwn }, label);
	};
	return [' · ', way('Best first'), ' · ', way('Newest first', 'newest')];
}
