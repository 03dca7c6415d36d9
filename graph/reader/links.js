// The reader's own addresses.

/** @param {string} slug */
export const toArticle = (slug) => `/article/${slug.split('/').map(encodeURIComponent).join('/')}`;

export const toTopic = (slug) => `/topic/${encodeURIComponent(slug)}`;

/** Several providers may share a domain. @param {Provider} provider */
export const toProvider = ({ domain, name }) => `/provider/${encodeURIComponent(domain)}?${new URLSearchParams({ name })}`;

/** Empty choices are left out. @param {Record<string, string>} chosen */
export const toSearch = (chosen) => `/search?${new URLSearchParams(Object.entries(chosen).filter(([, value]) => value))}`;
