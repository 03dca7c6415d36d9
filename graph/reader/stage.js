// Puts pages in place: their title, the focus and the place to scroll to.

import { byId, root } from './dom.js';

/** @type {Page | null} */
let shown = null;

const site = document.querySelector('.wordmark').textContent;

/** What is shown, unless it only stands in for a page. */
export const current = () => (shown?.node.matches('.skeleton, .message') ? null : shown);

/** Whether the page is the server's, with all of its content. */
export const isServed = () => Boolean(document.querySelector('main > :not(.message)'));

/** The focus goes to the heading by default; null leaves it. @param {Page} page @param {Partial<HistoryEntry>} [how] */
export function show(page, { y = 0, focus = page.node.querySelector('h1') } = {}) {
	const swap = () => {
		const old = document.activeElement;
		document.title = page.title ? `${page.title} – ${site}` : site;
		if (!page.node.parentNode) byId('main').replaceChildren(page.node);
		markPlace();
		if (focus !== null) byId('q').value = words(); // else it may be in use
		scrollTo({ top: y, behavior: 'instant' });
		const same = (link) => !old.isConnected && link.textContent === old.textContent;
		const target = focus ?? [...page.node.querySelectorAll('a')].find(same);
		if (target instanceof HTMLElement) target.focus({ preventScroll: true });
	};
	const isFirst = !shown;
	shown = page;
	if (isFirst || !document.startViewTransition || matchMedia('(prefers-reduced-motion: reduce)').matches) swap();
	else document.startViewTransition(swap).ready.catch(() => {});
}

const words = () => (location.pathname === `${root}/search` && new URLSearchParams(location.search).get('q')) || '';

/** Remove pictures that cannot be loaded: their frames show letters. */
export function watchPictures() {
	const remove = (image) => image instanceof HTMLImageElement && image.parentElement?.matches('.frame') && image.remove();
	addEventListener('error', ({ target }) => remove(target), true);
	for (const image of document.images) {
		if (image.complete && !image.naturalWidth) image.decode().catch(() => remove(image));
	}
}

/** Mark the section that is shown. */
export function markPlace() {
	for (const link of byId('sections').querySelectorAll('a')) {
		link.ariaCurrent = link.pathname === location.pathname ? 'page' : null;
	}
}
