/** The network now: how far it is, who decides, who is silent, the newest blocks. */

import { element } from '../../page/element.js';
import { RECENT_BLOCKS } from '../limits.js';
import { card, factList, heading, table, tag, tiles, wholeId } from '../parts.js';
import { DAY_MS } from '../words.js';
import { blockColumns } from './rows.js';

export function page({ words, state, onNews }) {
  const place = element('div.stack');
  const draw = () => {
    // Who reads on with the keyboard is not thrown out by news.
    const focused = place.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
    place.replaceChildren(...view(state.network, words));
    if (focused !== null) /** @type {HTMLElement} */ (place.querySelector(`a[href="${CSS.escape(focused)}"]`))?.focus();
  };
  if (state.network.network === undefined) throw state.network.unreachable;
  draw();
  onNews(draw);
  return place;
}

function view(network, words) {
  const { following } = network;
  const state = following?.difference ? 'ended' : following?.state ?? 'waiting';
  const tone = { following: 'good', waiting: 'plain', stalled: 'warn', ended: following?.difference ? 'bad' : 'warn' }[state] ?? 'plain';
  const missing = (following?.told_height ?? 0) - network.height;
  const behind = missing > 0 ? words.text('behind', { count: words.number(missing) }) : null;
  return [
    heading(network.name, tag(tone, words.text(`following.${state}`))),
    network.height === 0 ? card(words.text('noBlocks'), element('p', words.text('noBlocksMore'))) : tiles([
      [words.text('height'), words.number(network.height), behind],
      [words.text('ledgerTime'), words.time(network.time_ms)],
      [words.text('businessDate'), words.day(network.business_date * DAY_MS)],
      [words.text('transactions'), words.number(network.transactions)],
      [words.text('events'), words.number(network.events)],
    ]),
    element('section.card', validatorsTable(network.validators, words)),
    network.recent.length === 0 ? null : element('section.card', table({
      caption: words.text('newestBlocks'), columns: blockColumns(words), rows: network.recent.slice(0, RECENT_BLOCKS),
    })),
    card(words.text('whatNetwork'), factList([
      [words.text('networkId'), wholeId(network.network, words)],
      [words.text('stateRoot'), network.state_root ? element('code', network.state_root) : null],
      [words.text('followedNode'), following?.node ? element('code', following.node) : null],
    ]), element('p.quiet', words.text('networkIdHelp'))),
  ].filter(Boolean);
}

function validatorsTable(validators, words) {
  const total = validators.reduce((sum, one) => sum + Number(one.power), 0);
  return table({
    caption: words.text('validators'), rows: validators, empty: words.text('noValidators'),
    columns: [
      { label: words.text('name'), cell: (one) => element('span', one.name, ' ', one.silent ? tag('bad', words.text('silent')) : null) },
      { label: words.text('power'), cell: (one) => words.percent(Number(one.power), total), end: true },
      { label: words.text('lastSigned'), cell: (one) => (one.last_signed_height === null ? '–' : words.number(one.last_signed_height)), end: true },
      { label: words.text('signedOfRecent'), cell: (one) => signedText(one, words), end: true },
      { label: words.text('proposed'), cell: (one) => words.number(one.proposed), end: true },
    ],
  });
}

/** How many of the newest blocks a validator signed. */
function signedText({ signed_of_recent: count, of_recent: of }, words) {
  return of ? words.text('ofCount', { count: words.number(count), of: words.number(of) }) : '–';
}
