// Announces new articles, as the server sends them.

import { addressOf } from './api.js';
import { announce, byId } from './dom.js';

/** @param {Story[]} known the newest at first @param {() => void} refresh */
export function follow(known, refresh) {
	const button = byId('fresh');
	let newest = known;
	let source, retry;

	function listen() {
		clearTimeout(retry);
		source?.close();
		if (document.hidden) return; // browsers allow few connections
		source = new EventSource(addressOf(['Masthead']));
		source.addEventListener('next', look);
		source.onerror = () => {
			// Closed: the status was not 200.
			if (source.readyState > 1) retry = setTimeout(listen, 30_000 * (1 + Math.random()));
		};
	}

	function look({ data }) {
		newest = JSON.parse(data).data?.articles?.nodes ?? newest;
		const index = newest.findIndex(({ slug }) => known.some((story) => story.slug === slug));
		const count = index < 0 ? newest.length : index;
		const text = `${count} new article${count === 1 ? '' : 's'}`;
		button.textContent = `${text} – show`;
		if (count) announce(text);
		button.hidden = !count;
	}

	button.onclick = () => {
		known = newest;
		button.hidden = true;
		refresh();
	};
	document.addEventListener('visibilitychange', listen);
	setTimeout(listen, 3_000); // the page comes first
}
