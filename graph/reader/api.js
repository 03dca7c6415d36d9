// The API. Each operation is a file of `operations/`, asked for by GET: what has an address can be kept.

import { operations } from './operations.js';

const PATIENCE = 20_000;

/** Why there is no answer; `reference` is what the server's log knows the request by. */
export class Trouble extends Error {
	/** @param {Kind} kind @param {Response} [response] @param {string} [detail] */
	constructor(kind, response, detail) {
		super(detail);
		this.kind = kind;
		this.reference = response?.headers.get('X-Request-ID');
	}
}

/** An error of the first field, which the page is about, is Trouble. Others are null. @type {Ask} */
export async function ask([operationName, variables = {}], { signal, fresh = false } = {}) {
	const parameters = new URLSearchParams({
		...operations[operationName], // its text, or the id by which the server knows it
		operationName,
		variables: JSON.stringify(variables),
	});
	const patience = AbortSignal.timeout(PATIENCE);
	let response, answer;
	try {
		response = await fetch(`/graphql?${parameters}`, {
			headers: { Accept: 'application/graphql-response+json, application/json' },
			cache: fresh ? 'no-cache' : 'default',
			signal: signal ? AbortSignal.any([signal, patience]) : patience,
		});
		answer = await response.json();
	} catch {
		signal?.throwIfAborted();
		if (patience.aborted) throw new Trouble('slow');
		if (!response) throw new Trouble(navigator.onLine ? 'unreachable' : 'offline');
	}
	const [main] = Object.values(answer?.data ?? {});
	if (!response.ok || !answer?.data || (answer.errors && !main)) {
		const error = answer?.errors?.[0];
		const isBusy = [429, 502, 503, 504].includes(response.status);
		const kind = error?.extensions?.code === 'SEARCH_UNAVAILABLE' ? 'unsearchable' : isBusy ? 'busy' : 'failed';
		throw new Trouble(kind, response, error?.message);
	}
	return answer.data;
}
