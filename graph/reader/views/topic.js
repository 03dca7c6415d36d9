// A section: a topic with all that is below it.

import { card, chips, said } from '../cards.js';
import { h } from '../dom.js';
import { feed } from '../feed.js';
import { stories } from '../format.js';

/** @param {string} slug @returns {View} */
export function topic(slug) {
  /** @type {Asked} */
  const asked = ['Topic', { slug }];
  return { asked, shape: 'list', thing: 'section', render: ({ topic: found }) => found && page(found, asked) };
}

/** @param {any} topic @param {Asked} asked @returns {Page} */
function page({ name, parent, children, coOccurring, articles }, asked) {
  const tree = new Set([parent?.slug, ...children.map((child) => child.slug)]);
  const others = coOccurring.map((other) => other.topic).filter((other) => !tree.has(other.slug));
  const count = stories(articles.totalCount);
  const heading = h(
    'header',
    parent && chips('Part of', [parent]),
    h('h1', { tabindex: -1 }, said('span', name)),
    h('p.count', count),
    chips('Within it', children),
    chips('Often beside it', others.slice(0, 5)),
  );
  const list = feed({
    page: articles,
    asked,
    pick: (data) => data.topic.articles,
    draw: (story, index) => card(story, { level: 2, eager: index < 3 }),
  });
  return { title: name, status: `${name}: ${count}`, node: h('div', heading, list) };
}
