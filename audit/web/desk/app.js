/**
 * The desk: one shell around all pages. It knows the network, who reads, and what the newest block is; a page gets
 * that as its context and gives elements.
 */

import { element } from '../page/element.js';
import { GENESIS_BYTES_MAX } from '../verify/limits.js';
import { readGenesis } from '../verify/genesis.js';
import { Api, ApiError } from './api.js';
import { FEATURES, addressOf, featureOf, navigation, readAddress } from './features.js';
import { NEWS_MS_MIN } from './limits.js';
import { bannerView } from './banner.js';
import { learnRules } from './rules.js';
import { Names } from './names.js';
import { errorView, heading, whoLink } from './parts.js';
import { TAGS, TEXTS, firstLanguage, speak } from './words.js';

const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const LANGUAGE = 'talea.language';

const api = new Api(new URL('../api/', location.href).href, sessionStorage);
/** What is known beside the page. */
const state = {
  /** Of the server; `null` before it answered. @type {any} */
  network: null,
  /** What genesis says, for names and rules. Not what is trusted: that is what the reader types. @type {any} */
  genesis: { chain: new Uint8Array(32), network: '', sandbox: false, decimals: new Map(), organisations: new Map(), rules: new Map() },
  /** Who reads. @type {any} */
  me: null,
  /** A key that was opened in this page, until it is closed. @type {any} */
  signer: null,
};
let words = speak(/** @type {any} */ (localStorage.getItem(LANGUAGE) in TEXTS ? localStorage.getItem(LANGUAGE) : firstLanguage(navigator.languages)));
/** Ends what the page before was waiting for. */
let leaving = new AbortController();
/** Whom news is told. @type {Set<() => void>} */
let listeners = new Set();

/** The link that the operator of a desk is given brings a session, which must not stay in the address. */
function takeSession() {
  const found = /^#session=([A-Za-z0-9_-]{1,256})$/.exec(location.hash);
  if (found === null) return false;
  api.keep(found[1]);
  history.replaceState(null, '', `${location.pathname}#/`);
  return true;
}

async function learnNetwork() {
  try {
    state.network = { ...(await api.get('network')), unreachable: null };
  } catch (error) {
    state.network = { ...(state.network ?? {}), unreachable: error };
  }
  frame();
}

async function learnReader() {
  try {
    state.me = await api.get('me');
  } catch {
    state.me = null;
  }
  frame();
}

async function learnGenesis() {
  try {
    state.genesis = readGenesis(await api.ask('genesis', { max: GENESIS_BYTES_MAX }), state.network.network);
    state.genesis.organisations = new Names(state.genesis.organisations, api.names);
  } catch {
    // Without it organisations and rules are shown by their ids.
  }
  try {
    await learnRules(api, state.genesis.rules);
  } catch {
    // Without them rules that came after genesis are shown by their ids.
  }
}

/** Everything around the page. */
function frame() {
  document.documentElement.lang = TAGS[words.language];
  for (const place of document.querySelectorAll('[data-text]')) place.textContent = words.text(/** @type {HTMLElement} */ (place).dataset.text);
  for (const one of document.querySelectorAll('[data-language]')) {
    one.setAttribute('aria-pressed', String(/** @type {HTMLElement} */ (one).dataset.language === words.language));
  }
  at('query').setAttribute('placeholder', words.text('searchHint'));
  at('nav').setAttribute('aria-label', words.text('pages'));
  const { network, me } = state;
  at('tip').replaceChildren(...(network?.height === undefined ? [] : [
    element('strong', network.name), ' ', `${words.text('height')} ${words.number(network.height)} · ${words.time(network.time_ms)}`]));
  const reader = me?.reader ?? null;
  at('who').replaceChildren(reader === null ? words.text('page.sign-in') : (reader.name ?? words.text(`subject.${reader.kind}`)));
  const banner = bannerView(network, words);
  const shown = at('banner').textContent;
  if ((banner?.textContent ?? '') !== shown) at('banner').replaceChildren(...(banner === null ? [] : [banner]));
  const current = readAddress(location.hash)?.name;
  at('nav').replaceChildren(element('ul', ...navigation(me).map(({ name }) => element('li',
    element('a', { href: addressOf(name), 'aria-current': name === current ? 'page' : null }, words.text(`page.${name}`)))),
  element('li.apart', element('a', { href: '../verify.html' }, words.text('verifyFile')))));
}

/** Draws the page of the address. @param {{ focus?: boolean }} [options] */
async function show({ focus = false } = {}) {
  leaving.abort();
  leaving = new AbortController();
  listeners = new Set();
  const { signal } = leaving;
  // Of the page before.
  api.look = null;
  const address = readAddress(location.hash);
  const place = at('page');
  frame();
  if (address === null) {
    document.title = `${words.text('noPage')} · Talea`;
    place.replaceChildren(heading(words.text('noPage')), element('p.card', element('a', { href: '#/' }, words.text('page.network'))));
    return;
  }
  const title = words.text(`page.${address.name}`);
  document.title = `${title} · Talea`;
  const waiting = setTimeout(() => place.replaceChildren(heading(title), element('p.card.waiting', words.text('loading'))), 150);
  // A page that is left says no more that it loads: the next one may stand there already.
  signal.addEventListener('abort', () => clearTimeout(waiting));
  place.setAttribute('aria-busy', 'true');
  const context = {
    api, words, signal, state, ...address, genesis: state.genesis,
    /** Tells of every new block, not more often than is useful. */
    onNews: (act) => listeners.add(act),
    go: (name, id, query) => { location.hash = addressOf(name, id, query); },
    /** The same page with another choice, which the address keeps. */
    choose: (query) => { location.hash = addressOf(address.name, address.id, { ...Object.fromEntries(address.query), ...query }); },
    reader: learnReader,
    say: (text) => { at('spoken').textContent = text; },
  };
  let made;
  try {
    const { page } = await load(address.name);
    made = await page(context);
  } catch (error) {
    if (signal.aborted) return;
    made = [heading(title), troubleView(error, context)];
  }
  clearTimeout(waiting);
  if (signal.aborted) return;
  place.replaceChildren(...(Array.isArray(made) ? made : [made]));
  place.removeAttribute('aria-busy');
  const own = place.querySelector('h1')?.textContent;
  if (own) document.title = `${own} · Talea`;
  if (focus) {
    place.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
}

/** The program of a page. */
async function load(name) {
  try {
    return await featureOf(name).load();
  } catch {
    throw new ApiError({ code: 'NOT_REACHED', message: '' });
  }
}

/** What went wrong with a whole page; who has not said who it is, is asked. */
function troubleView(error, context) {
  const made = errorView(error, words, () => show());
  if (error?.wantsReader) {
    const back = addressOf(context.name, context.id, Object.fromEntries(context.query));
    made.append(' ', element('a', { href: addressOf('sign-in', '', { back }) }, words.text('page.sign-in')));
  }
  return made;
}

function choose(language) {
  localStorage.setItem(LANGUAGE, language);
  words = speak(language);
  show();
}

/** News of the server, which the page is told. */
function listen() {
  const source = new EventSource(new URL('live', api.base));
  let planned = null;
  const news = () => {
    planned ??= setTimeout(async () => {
      planned = null;
      await learnNetwork();
      for (const act of listeners) act();
    }, NEWS_MS_MIN);
  };
  source.addEventListener('block', news);
  source.addEventListener('following', news);
  // The browser connects again by itself; meanwhile the figures may be old.
  source.addEventListener('error', news);
}

at('skip').addEventListener('click', () => at('page').focus());
at('search').addEventListener('submit', (event) => {
  event.preventDefault();
  const { value } = /** @type {HTMLInputElement} */ (at('query'));
  if (value.trim() !== '') location.hash = addressOf('search', '', { q: value.trim() });
});
document.addEventListener('keydown', (event) => {
  const typing = event.target instanceof HTMLElement && event.target.closest('input, textarea, select');
  if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  at('query').focus();
});
for (const one of document.querySelectorAll('[data-language]')) {
  one.addEventListener('click', () => choose(/** @type {HTMLElement} */ (one).dataset.language));
}
window.addEventListener('hashchange', async () => {
  if (takeSession()) await learnReader();
  await show({ focus: true });
});

takeSession();
frame();
await Promise.all([learnNetwork(), learnReader()]);
if (state.network?.network) await learnGenesis();
await show();
listen();
// All pages are here before the server may be gone: a browser does not ask twice for a program that it missed.
await Promise.allSettled(FEATURES.map((feature) => feature.load()));
