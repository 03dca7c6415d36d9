// The API. Each operation is a file of `operations/`, sent by GET to be cacheable.

import { root } from './dom.js';
import { operations } from './operations.js';

const PATIENCE = 20_000;

/** Why there is no response. `reference` is the request id in the server's log. */
export class Trouble extends Error {
	/** @param {Kind} kind @param {Response} [response] @param {string} [detail] */
	constructor(kind, response, detail) {
		super(detail);
		this.kind = kind;
		this.reference = response?.headers.get('X-Request-ID');
	}
}

/** The URL of an operation. @param {OperationCall} call */
export function addressOf([operationName, variables = {}]) {
	const operation = operations[operationName]; // its text, or its id
	return `${root}/graphql?${new URLSearchParams({ ...operation, operationName, variables: JSON.stringify(variables) })}`;
}

/** A response and its text; Trouble if there is none. @type {Receive} */
export async function request(url, accept, signal) {
	const patience = AbortSignal.timeout(PATIENCE);
	try {
		const response = await fetch(url, {
			headers: { Accept: accept },
			signal: signal ? AbortSignal.any([signal, patience]) : patience,
		});
		return { response, text: await response.text() };
	} catch {
		signal?.throwIfAborted();
		throw new Trouble(patience.aborted ? 'slow' : navigator.onLine ? 'unreachable' : 'offline');
	}
}

/** What a response without success means. @param {Response} response */
export const kindOf = ({ status }) => ([429, 502, 503, 504].includes(status) ? 'busy' : 'failed');

/** An error of the first field, which the page is about, is Trouble. Others are null. @type {Execute} */
export async function execute(operation, { signal } = {}) {
	const { response, text } = await request(addressOf(operation), 'application/graphql-response+json, application/json', signal);
	const answer = parsed(text);
	const [main] = Object.values(answer?.data ?? {});
	if (!response.ok || !answer?.data || (answer.errors && !main)) {
		const error = answer?.errors?.[0];
		const kind = error?.extensions?.code === 'SEARCH_UNAVAILABLE' ? 'unsearchable' : kindOf(response);
		throw new Trouble(kind, response, error?.message);
	}
	return answer.data;
}

function parsed(text) {
	try {
		return JSON.parse(text);
	} catch {
		return null; // from a proxy, for example
	}
}
