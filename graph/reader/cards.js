// Stories in lists, and what they are made of.

import { h, webAddress } from './dom.js';
import { exactly, languageOf, when } from './format.js';
import { toArticle, toProvider, toTopic } from './links.js';

/**
 * A text of a document, in its own language and direction.
 * @param {string} name as `h` takes it
 * @param {string} text
 * @param {Child[]} [parts] stand for the text
 */
export function said(name, text, parts = [text]) {
  return h(name, { lang: languageOf(text), dir: 'auto' }, ...parts);
}

/** A story of a list; one that the API does not hold leads to its page. @param {Story} story @param {Look} [look] */
export function card(story, { level = 3, shape = 'tile', eager = false, marks } = {}) {
  const { title, excerpt, webUrl, leadImage } = story;
  const slug = story.slug ?? story.article?.slug;
  const out = slug ? null : webAddress(webUrl);
  const text = said('span', title, marked(title, 'title', marks));
  return h(
    `article.card.${shape}`,
    h(
      'div.words',
      h(`h${level}`, slug || out ? h('a', { href: slug ? toArticle(slug) : out }, text, out && leaving()) : text),
      excerpt && said('p.excerpt', excerpt, marked(excerpt, 'excerpt', marks)),
      byline(story),
    ),
    picture(leadImage, story, eager),
  );
}

/** What a story is, who published it, and when. @param {Story} story */
export function byline({ provider, publishedDateTime: iso, type }) {
  return h(
    'p.byline',
    type && type !== 'article' && h('b', type),
    h('a', { href: toProvider(provider) }, said('span', provider.name)),
    iso && h('time', { datetime: iso, title: exactly(iso) }, when(iso)),
  );
}

/**
 * A frame that keeps its shape whether its picture comes late, is broken, or there is none: then
 * it shows the first letter of the publisher.
 * @param {Image | null | undefined} image
 * @param {Story} story
 * @param {boolean} [eager] whether it is seen at once
 */
export function picture(image, { provider, title }, eager = false) {
  const letter = () => {
    frame.style.setProperty('--hue', `${hueOf(provider.name)}`);
    frame.replaceChildren(h('span', { 'aria-hidden': 'true' }, [...provider.name.trim()][0]));
  };
  const frame = h('div.frame');
  const src = webAddress(image?.url);
  if (!src) letter();
  else {
    if (src.origin !== location.origin) src.protocol = 'https:';
    frame.append(
      h('img', {
        onerror: letter,
        alt: image?.title && image.title !== title ? image.title : '',
        loading: eager ? 'eager' : 'lazy',
        fetchpriority: eager && 'high',
        referrerpolicy: 'no-referrer',
        src,
      }),
    );
  }
  return frame;
}

/** Links to topics. @param {string} label @param {Topic[]} topics */
export function chips(label, topics) {
  const links = topics.map(({ name, slug }) => h('li', h('a', { href: toTopic(slug) }, said('span', name))));
  return links.length > 0 && h('ul.chips', { 'aria-label': label }, ...links);
}

/** The sign of a link that leads out. */
export function leaving() {
  return h('span.out', h('span', { 'aria-hidden': 'true' }, '\u00a0↗'), h('span.unseen', ' (another site)'));
}

/**
 * A text with what was searched for marked, if a highlight tells the whole of it.
 * @param {string} text @param {string} field @param {Highlight[]} [highlights]
 */
function marked(text, field, highlights = []) {
  const told = highlights.find((highlight) => highlight.field === field)?.fragments[0]?.parts ?? [];
  const whole = told.map((part) => part.text).join('') === text;
  return whole ? told.map((part) => (part.isMatch ? h('mark', part.text) : part.text)) : [text];
}

/** @param {string} text */
function hueOf(text) {
  return [...text].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360, 7);
}
