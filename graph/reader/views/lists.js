// Lists of stories: a section (a topic with all below it), and a publisher.

import { card, chips, picture, said, tongue } from '../cards.js';
import { h } from '../dom.js';
import { feed } from '../feed.js';
import { stories } from '../format.js';

/** @type {ToView} */
export const topic = (slug) => listing(['Topic', { slug }], 'topic', ({ parent, children, coOccurring }, title, count) => {
	const tree = new Set([parent, ...children].map((near) => near?.slug));
	const beside = coOccurring.map((other) => other.topic).filter((other) => !tree.has(other.slug));
	const above = parent ? [parent] : [];
	return h('header', chips('Part of', above), title, h('p.count', count), chips('Within it', children), chips('Often beside it', beside));
});

/** @type {ToView} */
export const provider = (domain, query) =>
	listing(['Provider', { domain, name: query.get('name') }], 'provider', (provider, title, count) => {
		const { description, logo } = provider;
		const site = h('a', { href: `https://${domain}/` }, domain);
		const about = h('div', title, description && said('p.standfirst', description), h('p.count', count, ' · ', site));
		return h('header.imprint', logo && picture(logo, provider.name, true), about);
	});

/** @type {(operation: OperationCall, thing: string, heading: Heading) => View} */
function listing(operation, thing, heading) {
	const draw = (story, index) => card(story, { level: 2, eager: index < 3 });
	const pick = (data) => data[thing].articles;
	const render = (data) => {
		const found = data[thing];
		if (!found) return null;
		const { name, articles } = found;
		const count = stories(articles.totalCount);
		const title = h('h1', { tabindex: -1, ...tongue(name) }, name);
		const node = h('div', heading(found, title, count), feed({ page: articles, operation, pick, draw }));
		return { title: name, status: `${name}: ${count}`, node };
	};
	return { operation, render };
}
