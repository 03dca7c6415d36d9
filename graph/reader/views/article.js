// An article: its text and pictures, and the stories that it leads on to.

import { byline, card, chips, picture, said } from '../cards.js';
import { h, webAddress } from '../dom.js';

/** @type {ToView} */
export const article = (slug) => ({
	asked: ['Article', { slug }],
	shape: 'article',
	render: ({ article: found }) => found && { title: found.title, node: h('div.story', text(found), ...onward(found)) },
});

function text(story) {
	const { title, excerpt, body, topics, images } = story;
	const [first, ...others] = images.map((image, index) => figure(image, story, index === 0));
	const paragraphs = (body ?? '').split(/\n{2,}/).filter((part) => part.trim() && part !== title && part !== excerpt);
	return h(
		'article',
		chips('Topics', topics),
		h('h1', { tabindex: -1 }, said('span', title)),
		excerpt && said('p.standfirst', excerpt),
		byline(story),
		first,
		h('div.text', ...paragraphs.map((part) => said('p', part)), ...ways(story)),
		others.length > 0 && h('div.grid', ...others),
	);
}

/** Where to watch, and to read on. */
function ways({ webUrl, originalUrl, provider, featuredContent }) {
	const player = webAddress(featuredContent?.embedUrl);
	const page = webAddress(webUrl) ?? webAddress(originalUrl);
	return [
		player && h('a.button', { href: player }, `Watch it at ${featuredContent.host}`),
		page && h('a.button', { href: page }, 'The story at ', said('span', provider.name)),
	];
}

/** What this one points at, what points at it, and what is like it: each once. */
function onward({ slug, related, relatedFrom, similar }) {
	const told = new Set([slug]);
	const part = (title, stories) => {
		const fresh = stories.filter((story) => {
			const own = story.slug ?? story.article?.slug;
			return !own || (!told.has(own) && told.add(own));
		});
		const cards = fresh.map((story) => card(story));
		return cards.length > 0 && h('section', h('h2.rule', title), h('div.grid.four', ...cards));
	};
	return [
		part('Related stories', related),
		part('Stories that lead here', relatedFrom.nodes),
		part('More like this', similar.map((each) => each.article)),
	];
}

function figure(image, { provider }, eager) {
	const caption = [image.title, image.attribution].filter(Boolean).join(' · ');
	return h('figure', picture(image, provider.name, eager), caption && said('figcaption', caption));
}
