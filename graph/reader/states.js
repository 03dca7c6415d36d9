// What is shown while a page loads, when there is nothing, and after an error.

import { h } from './dom.js';

/** @type {Record<string, [string, string]>} */
const REASONS = {
	offline: ['You are offline', 'This page comes as soon as you are connected again.'],
	unreachable: ['The news cannot be reached', 'The server does not answer. Try again in a moment.'],
	slow: ['This takes too long', 'The server has not answered for a while. Try again later.'],
	busy: ['The server is busy', 'It will have time for you in a moment.'],
	unsearchable: ['The search is not available right now', 'All pages but the search work. Try again in a moment.'],
	failed: ['Something went wrong', 'It is not your fault. If it stays, tell those who run this site.'],
};

/** The words for an error. @param {any} error */
export const reasonOf = (error) => REASONS[error.kind] ?? REASONS.failed;

/** @param {() => void} retry */
export function failure(error, retry) {
	const fine = [error.message, error.reference && `Reference: ${error.reference}`].filter(Boolean).join(' · ');
	const [title, text] = reasonOf(error);
	const again = h('button', { onclick: retry }, 'Try again');
	return h('div.message', h('h1', { tabindex: -1 }, title), h('p', text), again, fine && h('p.fine', fine));
}

/** @param {...Child} text */
export const empty = (...text) => h('p.empty', ...text);

/** The outline of a page to come. */
export function skeleton() {
	const bones = Array.from({ length: 9 }, () => h('div.card', h('div.words', h('i'), h('i'), h('i')), h('div.frame')));
	return h('div.skeleton', { 'aria-hidden': 'true' }, h('i'), h('div.grid', ...bones));
}
