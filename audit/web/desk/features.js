/**
 * The pages that there are, in one list: what is not here is linked nowhere.
 *
 * `nav` puts a page into the navigation, unless its reader may see none of it (`sees`); `of` says which kinds of ids
 * it is about.
 */

/** @typedef {{ name: string, load: () => Promise<{ page: Function }>, nav?: boolean, sees?: string, of?: string[] }} Feature */

/** @type {Feature[]} */
export const FEATURES = [
  { name: 'network', load: () => import('./pages/network.js'), nav: true },
  { name: 'blocks', load: () => import('./pages/blocks.js'), nav: true },
  { name: 'block', load: () => import('./pages/block.js'), of: ['block'] },
  { name: 'transaction', load: () => import('./pages/transaction.js'), of: ['transaction'] },
  { name: 'account', load: () => import('./pages/account.js'), of: ['account'] },
  { name: 'participant', load: () => import('./pages/participant.js'), of: ['participant'] },
  { name: 'loan', load: () => import('./pages/loan.js'), of: ['loan'] },
  { name: 'case', load: () => import('./pages/case.js'), of: ['case'] },
  { name: 'case-file', load: () => import('./pages/case_file.js'), of: ['debtor'] },
  { name: 'scorecard', load: () => import('./pages/scorecard.js'), nav: true, sees: 'scorecard' },
  { name: 'loan-book', load: () => import('./pages/loan_book.js'), nav: true, sees: 'loan_book' },
  { name: 'settlement', load: () => import('./pages/settlement.js'), nav: true, sees: 'settlement' },
  { name: 'packs', load: () => import('./pages/packs.js'), nav: true },
  { name: 'pack', load: () => import('./pages/pack.js'), of: ['pack'] },
  { name: 'explain', load: () => import('./pages/explain.js'), nav: true, sees: 'cases' },
  { name: 'my-file', load: () => import('./pages/my_file.js') },
  { name: 'search', load: () => import('./pages/search.js') },
  { name: 'sign-in', load: () => import('./pages/sign_in.js') },
];

const BY_NAME = new Map(FEATURES.map((feature) => [feature.name, feature]));
const BY_KIND = new Map(FEATURES.flatMap((feature) => (feature.of ?? []).map((kind) => [kind, feature])));

/** @param {string} name @returns {Feature | undefined} */
export const featureOf = (name) => BY_NAME.get(name);

/** The pages that a reader is shown the way to. @param {any} me who reads, as the server says @returns {Feature[]} */
export const navigation = (me) => FEATURES.filter(({ name, nav, sees }) =>
  (nav ? !me?.reader || sees === undefined || me.sees?.[sees] !== 'none' : name === 'my-file' && Boolean(me?.debtor)));

/**
 * Where a page is.
 * @param {string} name of the feature; the first page has the empty address
 * @param {string} [id]
 * @param {Record<string, any>} [query]
 */
export function addressOf(name, id = '', query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== '');
  const asked = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
  const path = name === 'network' ? '' : `${name}${id && `/${encodeURIComponent(id)}`}`;
  return `#/${path}${asked && `?${asked}`}`;
}

/** Where something of this kind is shown; `null` when there is no page for it. @param {string} kind @param {string | number} id */
export function addressOfKind(kind, id) {
  const feature = BY_KIND.get(kind);
  return feature === undefined ? null : addressOf(feature.name, String(id));
}

/**
 * Reads an address.
 * @param {string} hash of the location
 * @returns {{ name: string, id: string, query: URLSearchParams } | null} `null` when it is none
 */
export function readAddress(hash) {
  const parts = /^#?\/?([a-z-]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(hash);
  if (parts === null) return null;
  const name = parts[1] === '' ? 'network' : parts[1];
  if (!BY_NAME.has(name)) return null;
  try {
    return { name, id: decodeURIComponent(parts[2] ?? ''), query: new URLSearchParams(parts[3] ?? '') };
  } catch {
    return null;
  }
}
