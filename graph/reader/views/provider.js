// A provider: who it is, and what it has published.

import { card, leaving, picture, said } from '../cards.js';
import { h } from '../dom.js';
import { feed } from '../feed.js';
import { stories } from '../format.js';

/** @param {string} domain @param {URLSearchParams} query @returns {View} */
export function provider(domain, query) {
  /** @type {Asked} */
  const asked = ['Provider', { domain, name: query.get('name') }];
  return { asked, shape: 'list', thing: 'publisher', render: ({ provider: found }) => found && page(found, asked) };
}

/** @param {any} provider @param {Asked} asked @returns {Page} */
function page(provider, asked) {
  const { name, domain, description, logo, articles } = provider;
  const count = stories(articles.totalCount);
  const heading = h(
    'header.imprint',
    logo && picture(logo, { title: name, provider }, true),
    h('h1', { tabindex: -1 }, said('span', name)),
    description && said('p.standfirst', description),
    h('p.count', count, ' · ', h('a', { href: `https://${domain}/` }, domain, leaving())),
  );
  const list = feed({
    page: articles,
    asked,
    pick: (data) => data.provider.articles,
    draw: (story, index) => card(story, { level: 2, eager: index < 3 }),
  });
  return { title: name, status: `${name}: ${count}`, node: h('div', heading, list) };
}
