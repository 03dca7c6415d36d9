// The front page: a hero, the newest beside it, the largest sections, and all else by date.

import { card, said } from '../cards.js';
import { h } from '../dom.js';
import { feed } from '../feed.js';
import { toTopic } from '../links.js';
import { empty } from '../states.js';

const BESIDE = 4;
const IN_SECTION = 4;

/** @returns {View} */
export const front = () => ({
	asked: ['Front'],
	shape: 'front',
	render: ({ articles, topics }) => ({ title: '', node: h('div', ...parts(articles, topics.nodes)) }),
});

function parts(articles, topics) {
	const nodes = [...articles.nodes];
	const first = nodes.slice(0, BESIDE).findIndex((story) => story.leadImage);
	const [hero] = nodes.splice(Math.max(first, 0), 1);
	const title = h('h1.unseen', { tabindex: -1 }, 'Front page');
	if (!hero) return [title, empty('There is no news yet: load some with ', h('code', 'newsgraph load'), '.')];
	const beside = nodes.splice(0, BESIDE);
	const above = new Set([hero, ...beside].map((story) => story.slug));
	return [
		title,
		h(
			'div.lead',
			card(hero, { level: 2, shape: 'hero', eager: true }),
			h('div.beside', ...beside.map((story) => card(story, { level: 2, shape: 'row', eager: true }))),
		),
		...topics.map((topic) => section(topic, above)),
		h(
			'section',
			h('h2.rule', 'Latest'),
			feed({ page: { ...articles, nodes }, asked: ['Front', { first: 24 }], pick: (data) => data.articles, draw: (story) => card(story) }),
		),
	];
}

/** The newest of a section that are not on the page by now. */
function section({ name, slug, articles }, above) {
	const fresh = articles.nodes.filter((story) => !above.has(story.slug)).slice(0, IN_SECTION);
	for (const story of fresh) above.add(story.slug);
	const title = h('h2.rule', h('a', { href: toTopic(slug) }, said('span', name)));
	return fresh.length > 0 && h('section', title, h('div.grid.four', ...fresh.map((story) => card(story))));
}
