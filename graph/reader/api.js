// The API. Each operation is a file of `operations/`, sent by GET so that it can be cached.

import { root } from './dom.js';
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

/** The URL of an operation. @param {Asked} asked */
export function addressOf([operationName, variables = {}]) {
	const operation = operations[operationName]; // its text, or the id by which the server knows it
	return `${root}/graphql?${new URLSearchParams({ ...operation, operationName, variables: JSON.stringify(variables) })}`;
}

/** An error of the first field, which the page is about, is Trouble. Others are null. @type {Ask} */
export async function ask(asked, { signal } = {}) {
	const patience = AbortSignal.timeout(PATIENCE);
	let response, answer;
	try {
		response = await fetch(addressOf(asked), {
			headers: { Accept: 'application/graphql-response+json, application/json' },
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
