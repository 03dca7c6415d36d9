// A search, and what narrows it down: each choice is a link, so that whatever is found has an address.

import { card } from '../cards.js';
import { h } from '../dom.js';
import { feed } from '../feed.js';
import { number, stories } from '../format.js';
import { toSearch } from '../links.js';
import { empty } from '../states.js';

/** @param {string} _ @param {URLSearchParams} query @returns {View} */
export function search(_, query) {
  const chosen = Object.fromEntries(query);
  /** @type {Asked} */
  const asked = ['Search', variablesOf(chosen)];
  return { asked, shape: 'list', render: ({ articles }) => page(articles, chosen, asked) };
}

/** @param {Record<string, string>} chosen */
function variablesOf({ q, topic, provider, type, year, sort }) {
  const where = {
    topics: topic ? { any: [topic], includeDescendants: true } : undefined,
    provider: provider ? { any: [provider] } : undefined,
    type: type ? { eq: type } : undefined,
    publishedDateTime: year ? { gte: `${year}-01-01`, lt: `${Number(year) + 1}-01-01` } : undefined,
  };
  const orderBy = sort ? [{ field: 'PUBLISHED_DATE_TIME' }] : undefined;
  return { search: q?.trim() || undefined, where, orderBy };
}

/** @param {any} articles @param {Record<string, string>} chosen @param {Asked} asked @returns {Page} */
function page(articles, chosen, asked) {
  const title = chosen.q?.trim() || 'All stories';
  const count = stories(articles.totalCount);
  const { topics, providers, types, years } = articles.facets;
  const node = h(
    'div.search',
    h('header', h('h1', { tabindex: -1 }, title), h('p.count', count, chosen.q && articles.totalCount > 1 && order(chosen))),
    h(
      'details.facets',
      { open: matchMedia('(min-width: 60rem)').matches },
      h('summary', 'Narrow it down'),
      facet('Topic', 'topic', topics, chosen),
      facet('Publisher', 'provider', providers, chosen),
      facet('Kind', 'type', types, chosen),
      facet('Year', 'year', years, chosen),
    ),
    articles.edges.length > 0
      ? feed({
          page: articles,
          asked,
          pick: (data) => data.articles,
          draw: ({ node: story, highlights }) => card(story, { level: 2, shape: 'row', marks: highlights }),
          shape: 'rows',
        })
      : empty('Nothing was found. ', h('a', { href: '/search' }, 'Look at all stories'), ', or try other words.'),
  );
  return { title: `Search: ${title}`, status: `${count} found`, node };
}

/**
 * What a list divides into; what is chosen can be taken back.
 * @param {string} title @param {string} name @param {any[]} buckets @param {Record<string, string>} chosen
 */
function facet(title, name, buckets, chosen) {
  const taken = chosen[name];
  const shown = buckets.some(({ value }) => value === taken) || !taken ? buckets : [{ value: taken }, ...buckets];
  const links = shown.map(({ value, count, node }) => {
    const isTaken = value === taken;
    const href = toSearch({ ...chosen, [name]: isTaken ? null : value });
    const label = h('span', { dir: 'auto' }, node?.name ?? value);
    return h('li', h('a', { href, 'aria-current': isTaken && 'true' }, label, isTaken ? ' ×' : h('i', number(count))));
  });
  return links.length > 0 && h('section', h('h2', title), h('ul', ...links));
}

/** @param {Record<string, string>} chosen */
function order({ sort, ...chosen }) {
  /** @param {string} label @param {string} [by] */
  const way = (label, by) => h('a', { href: toSearch({ ...chosen, sort: by }), 'aria-current': sort === by && 'true' }, label);
  return [' · ', way('Best first'), ' · ', way('Newest first', 'newest')];
}
