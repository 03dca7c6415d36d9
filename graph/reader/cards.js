// Stories in lists, and what they are made of.

import { h, webAddress } from './dom.js';
import { date, languageOf } from './format.js';
import { toArticle, toProvider, toTopic } from './links.js';

/** A text of a document, in its own language. @param {string} name @param {string} text @param {Child[]} [parts] */
export const said = (name, text, parts = [text]) => h(name, { lang: languageOf(text), dir: 'auto' }, ...parts);

/** One that the API does not hold leads to its publisher's page. @param {Story} story @param {Look} [look] */
export function card(story, { level = 3, shape = '', eager = false, marks = [] } = {}) {
	const { title, excerpt, provider, leadImage } = story;
	const slug = story.slug ?? story.article?.slug;
	const href = slug ? toArticle(slug) : webAddress(story.webUrl);
	const text = said('span', title, marked(title, marks));
	return h(
		shape ? `article.card.${shape}` : 'article.card',
		h(
			'div.words',
			h(`h${level}`, href ? h('a', { href }, text) : text),
			excerpt && said('p.excerpt', excerpt),
			byline(story),
		),
		picture(leadImage, provider.name, eager),
	);
}

/** What a story is, who published it, and when. @param {Story} story */
export function byline({ provider, publishedDateTime: iso, type }) {
	return h(
		'p.byline',
		type && type !== 'article' && h('b', type),
		h('a', { href: toProvider(provider) }, said('span', provider.name)),
		iso && h('time', { datetime: iso }, date(iso)),
	);
}

/** A frame that keeps its shape. Where its picture does not come, it shows a letter. @type {Picture} */
export function picture(image, name, eager) {
	const frame = h(`div.frame.hue${name.length % 6}`);
	const onerror = () => frame.replaceChildren(h('span', { 'aria-hidden': 'true' }, [...name.trim()][0]));
	const src = webAddress(image?.url);
	if (!src) onerror();
	else {
		if (src.origin !== location.origin) src.protocol = 'https:';
		const loading = eager ? 'eager' : 'lazy';
		frame.append(h('img', { onerror, alt: image?.title ?? '', loading, referrerpolicy: 'no-referrer', src }));
	}
	return frame;
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
