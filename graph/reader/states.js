// What stands where the news would: while they load, where there are none, when something is wrong.

import { h } from './dom.js';

/** @type {Record<Kind, [title: string, advice: string]>} */
const REASONS = {
  offline: ['You are offline', 'This page comes as soon as you are connected again.'],
  unreachable: ['The news cannot be reached', 'The server does not answer. Try again in a moment.'],
  slow: ['This takes too long', 'The server has not answered for a while. Try again a little later.'],
  busy: ['The server is busy', 'It will have time for you in a moment.'],
  failed: ['Something went wrong', 'It is not your fault. If it stays, tell those who run this site.'],
};

/** What to tell about an error. @param {any} error Trouble, or a fault of ours */
export function reasonOf({ kind = 'failed', detail, reference }) {
  const [title, advice] = REASONS[/** @type {Kind} */ (kind)];
  return { title, advice, fine: [detail, reference && `Reference: ${reference}`].filter(Boolean).join(' · ') };
}

/** @param {unknown} error @param {() => void} retry */
export function failure(error, retry) {
  const { title, advice, fine } = reasonOf(error);
  const button = h('button', { type: 'button', onclick: retry }, 'Try again');
  return message(title, advice, button, fine && h('p.fine', fine));
}

/** @param {string} title @param {string} text @param {...Child} more */
export function message(title, text, ...more) {
  return h('div.message', h('h1', { tabindex: -1 }, title), h('p', text), ...more);
}

/** A sentence where a list would be. @param {...Child} text */
export const empty = (...text) => h('p.empty', ...text);

/** The outline of a page to come. @param {string} shape */
export function skeleton(shape) {
  const bones = Array.from({ length: 9 }, () => h('div.card', h('div.words', h('i'), h('i'), h('i')), h('div.frame')));
  return h(`div.skeleton.${shape}`, { 'aria-hidden': 'true' }, h('i'), h('div.grid', ...bones));
}
