// The front page: a hero, the newest beside it, the largest sections, all else by date; nothing twice.

import { card, said } from '../cards.js';
import { h } from '../dom.js';
import { feed } from '../feed.js';
import { toTopic } from '../links.js';
import { empty } from '../states.js';

const BESIDE = 4;
const FULL = 4;

/** @type {ToView} */
export const front = () => ({
	operation: ['Front'],
	render: ({ articles, topics }) => ({ title: '', node: h('div', ...parts(articles, topics?.nodes ?? [])) }),
});

function parts({ nodes, pageInfo }, topics) {
	const title = h('h1.unseen', { tabindex: -1 }, 'Front page');
	const hero = nodes.slice(0, BESIDE).find((story) => story.leadImage) ?? nodes[0];
	if (!hero) return [title, empty('There is no news yet: load some with ', h('code', 'newsgraph load'), '.')];

	const shown = new Set([hero.slug]);
	const notShown = (stories) => stories.filter((story) => !shown.has(story.slug));
	const beside = notShown(nodes).slice(0, BESIDE);
	for (const story of beside) shown.add(story.slug);
	const sections = topics.map(({ name, slug, articles }) => {
		const fresh = notShown(articles.nodes).slice(0, FULL);
		if (fresh.length < FULL) return null;
		for (const story of fresh) shown.add(story.slug);
		const heading = h('h2.rule', h('a', { href: toTopic(slug) }, said('span', name)));
		return h('section', heading, h('div.grid.four', ...fresh.map((story) => card(story))));
	});
	const page = (articles) => ({ ...articles, nodes: notShown(articles.nodes) });
	const latest = feed({
		page: page({ nodes, pageInfo }),
		operation: ['Front', { first: 24 }],
		pick: (data) => page(data.articles),
		draw: (story) => card(story),
	});
	return [
		title,
		h(
			'div.lead',
			card(hero, { level: 2, shape: 'hero', eager: true }),
			h('div.beside', ...beside.map((story) => card(story, { level: 2, shape: 'row', eager: true }))),
		),
		...sections,
		h('section', h('h2.rule', 'Latest'), latest),
	];
}
