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
	asked: ['Front'],
	render: ({ articles, topics }) => ({ title: '', node: h('div', ...parts(articles, topics?.nodes ?? [])) }),
});

function parts({ nodes, pageInfo }, topics) {
	const title = h('h1.unseen', { tabindex: -1 }, 'Front page');
	const hero = nodes.slice(0, BESIDE).find((story) => story.leadImage) ?? nodes[0];
	if (!hero) return [title, empty('There is no news yet: load some with ', h('code', 'newsgraph load'), '.')];

	const told = new Set([hero.slug]);
	const untold = (stories) => stories.filter((story) => !told.has(story.slug));
	const beside = untold(nodes).slice(0, BESIDE);
	for (const story of beside) told.add(story.slug);
	const sections = topics.map(({ name, slug, articles }) => {
		const fresh = untold(articles.nodes).slice(0, FULL);
		if (fresh.length < FULL) return null;
		for (const story of fresh) told.add(story.slug);
		const heading = h('h2.rule', h('a', { href: toTopic(slug) }, said('span', name)));
		return h('section', heading, h('div.grid.four', ...fresh.map((story) => card(story))));
	});
	const page = (articles) => ({ ...articles, nodes: untold(articles.nodes) });
	const latest = feed({
		page: page({ nodes, pageInfo }),
		asked: ['Front', { first: 24 }],
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
