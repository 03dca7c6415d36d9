// Tells of new articles: asks for the revision of the corpus now and then, while the page is seen.

import { ask } from './api.js';
import { announce, byId } from './dom.js';

const EVERY = 30_000;

/** @param {number} shown the revision that is shown @param {() => void} refresh shows the newest */
export function follow(shown, refresh) {
	const button = byId('fresh');
	let latest = shown;

	async function look() {
		if (document.hidden || !navigator.onLine) return;
		const { corpus } = await ask(['Revision'], { fresh: true });
		latest = corpus.revision;
		if (latest === shown || !button.hidden) return;
		button.hidden = false;
		announce('There are new articles');
	}

	// A question that failed is asked again in half a minute: there is nothing to tell anybody.
	setInterval(() => look().catch(() => {}), EVERY);
	button.addEventListener('click', () => {
		shown = latest;
		button.hidden = true;
		refresh();
	});
}
