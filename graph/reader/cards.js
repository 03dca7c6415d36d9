// Stories in lists, and what they are made of.

import { h, webAddress } from './dom.js';
import { languageOf, moment } from './format.js';
import { toArticle, toProvider, toTopic } from './links.js';

/** The language and direction of a text, as attributes. @param {string} text */
export const tongue = (text) => ({ lang: languageOf(text), dir: 'auto' });

/** A text of a document. @param {string} name @param {string} text */
export const said = (name, text) => h(name, tongue(text), text);

/** @param {Story} story @param {Look} [look] */
export function card(story, { level = 3, shape = '', eager = false, marks = [] } = {}) {
	const { title, excerpt, provider, leadImage } = story;
	const href = toArticle(story.slug);
	return h(
		`article.card${shape && `.${shape}`}`,
		h(
			'div.words',
			h(`h${level}`, tongue(title), h('a', { href }, ...marked(title, marks))),
			excerpt && said('p.excerpt', excerpt),
			byline(story),
		),
		picture(leadImage, provider.name, eager, href),
	);
}

/** What a story is, who published it, and when. @param {Story} story */
function byline({ provider, publishedDateTime: iso, type }) {
	return h(
		'p.byline',
		type && type !== 'article' && h('b', type),
		h('a', { href: toProvider(provider) }, said('span', provider.name)),
		iso && h('time', { datetime: iso }, moment(iso)),
	);
}

/** A frame that keeps its shape. Without its picture, it shows a letter. @type {Picture} */
export function picture(image, name, eager, href) {
	const src = webAddress(image?.url);
	if (src && src.origin !== location.origin) src.protocol = 'https:';
	const loading = eager ? 'eager' : 'lazy';
	return h(
		`${href ? 'a' : 'div'}.frame.hue${name.length % 6}`,
		// The headline is the same link.
		{ 'data-letter': [...name.trim()][0], ...(href && { 'aria-hidden': 'true', tabindex: -1, href }) },
		src && h('img', { alt: '', loading, referrerpolicy: 'no-referrer', src }),
	);
}

/** Links to topics. @param {string} label @param {Topic[]} topics */
export function chips(label, topics) {
	const links = topics.map(({ name, slug }) => h('li', h('a', { href: toTopic(slug) }, said('span', name))));
	return links.length > 0 && h('ul.chips', { 'aria-label': label }, ...links);
}

/** A headline with what was searched for marked. */
function marked(title, highlights) {
	const [found] = highlights.find(({ field }) => field === 'title')?.snippets ?? [];
	return found?.text === title ? found.parts.map(({ text, isMatch }) => (isMatch ? h('mark', text) : text)) : [title];
}
