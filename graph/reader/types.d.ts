/** The types that the modules' comments name. For editors and `tsc --checkJs`: no browser loads it. */

type Image = {
	url: string;
	title?: string | null;
	width?: number | null;
	height?: number | null;
	attribution?: string | null;
};

type Provider = { name: string; domain: string };

type Topic = { name: string; slug: string };

/** What a list shows of an article. */
type Story = {
	slug: string;
	title: string;
	excerpt?: string | null;
	publishedDateTime?: string | null;
	type?: string | null;
	provider: Provider;
	leadImage?: Image | null;
};

type Found = { field: string; snippets: { text: string; parts: { text: string; isMatch: boolean }[] }[] };

/** How a card looks: the level of its headline, a class, whether it is seen at once. */
type Look = { level?: number; shape?: string; eager?: boolean; marks?: Found[] };

/** A page of a list. */
type Connection = {
	nodes?: Story[];
	edges?: { node: Story; highlights: Found[] }[];
	totalCount?: number;
	pageInfo: { hasNextPage: boolean; endCursor: string | null };
};

/** An operation and its variables. */
type OperationCall = [name: string, variables?: object];

/** What an address stands for. `render` gives null where there is no such thing; without it, the page is as the server makes it. */
type View = {
	operation?: OperationCall;
	render?: (data: any) => Page | null;
};

/** Makes a view of what an address says. */
type ToView = (path: string, query: URLSearchParams) => View;

/** Makes the head of a list. */
type Heading = (found: any, title: Child, count: string) => HTMLElement;

/** What is shown. `status` is said to those who cannot see it. */
type Page = { title: string; node: HTMLElement; status?: string };

/** A page that was left, with its scroll position and focus. */
type HistoryEntry = { page: Page; y: number; focus?: Element | null };

type Kind = 'offline' | 'unreachable' | 'slow' | 'busy' | 'unsearchable' | 'failed';

type Child = Node | string | number | null | undefined | false;

/** Made by the server of the files in `operations/`. */
declare module '*/operations.js' {
	export const operations: Record<string, { query: string } | { documentId: string }>;
}

/** The tag with classes after dots, then attributes if there are any, then children or lists of them. */
type H = (name: string, ...rest: any[]) => HTMLElement;

/** The arguments of a growing list: its first page, the operation for further pages, how to find a page in the response, and how to render an entry. */
type Feed = (list: {
	page: Connection;
	operation: OperationCall;
	pick: (data: any) => Connection;
	draw: (entry: any, index: number) => HTMLElement;
	shape?: string;
}) => HTMLElement;

/** Where to stand on a page, what to do about the focus, and whether the page is the server's. */
type How = { y?: number; focus?: null; served?: boolean };

/** Gives the data of an operation. */
type Execute = (operation: OperationCall, how?: { signal?: AbortSignal }) => Promise<any>;

/** `eager` is what is seen at once; `href` is where the picture leads to. */
type Picture = (image: Image | undefined, name: string, eager?: boolean, href?: string) => HTMLElement;

type Receive = (url: string, accept: string, signal?: AbortSignal) => Promise<{ response: Response; text: string }>;

type Adopt = (isServed: boolean, signal: AbortSignal) => Promise<Page>;
