// Articles and indexes are shown with the server's own HTML: they contain no growing lists.

import { Trouble, kindOf, request } from './api.js';

/** The page of the address bar: the one that is there, or else as the server sends it. @type {Adopt} */
export async function adopt(isServed, signal) {
	if (isServed) return pageOf(document);
	const { response, text } = await request(location.href, 'text/html', signal);
	const sent = new DOMParser().parseFromString(text, 'text/html');
	const isAbsent = [400, 404, 410].includes(response.status);
	if ((!response.ok && !isAbsent) || !sent.querySelector('main h1')) throw new Trouble(kindOf(response), response);
	const page = pageOf(sent);
	page.node.remove();
	return page;
}

/** @param {Document} sent @returns {Page} */
function pageOf(sent) {
	const node = /** @type {HTMLElement} */ (sent.querySelector('main > *'));
	return { title: node.querySelector('h1').textContent, node };
}
