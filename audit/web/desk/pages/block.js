/** One block: what it holds, who signed it, what came of its transactions. */

import { element } from '../../page/element.js';
import { ROWS_AT_ONCE } from '../limits.js';
import { bytesOf, card, factList, heading, idLink, table, tag, timeView, wholeId } from '../parts.js';
import { objectView } from '../record.js';
import { eventsList, transactionsTable } from './rows.js';

export async function page({ api, id, words, genesis, signal, state }) {
  const path = `block/${encodeURIComponent(id)}`;
  const { block, header, signers, signed_power: signed, total_power: total, transactions, events } = await api.get(path, { limit: ROWS_AT_ONCE }, signal);
  const more = (part) => async (cursor) => (await api.get(path, { part, cursor, limit: ROWS_AT_ONCE }, signal))[part];
  const near = (height, label) => (height < 1 || height > (state.network?.height ?? height) ? null : element('a', { href: `#/block/${height}` }, label));
  return [
    heading(words.text('blockTitle', { height: words.number(block.height) }), near(block.height - 1, words.text('earlier')), near(block.height + 1, words.text('later'))),
    card(null, factList([
      [words.text('ledgerTime'), timeView(block.time_ms, words)],
      [words.text('proposer'), block.proposer?.name ?? null],
      [words.text('round'), words.number(block.round)],
      [words.text('transactions'), words.text('appliedOf', { applied: words.number(block.applied), count: words.number(block.transactions) })],
      [words.text('events'), words.number(block.events)],
      [words.text('blockHash'), wholeId(block.hash, words)],
      [words.text('signedBy'), signed === null ? null : words.text('powerOf', { percent: words.percent(Number(signed), Number(total)) })],
    ]), element('details', element('summary', words.text('header')), objectView('BlockHeader', bytesOf(header), genesis, words))),
    element('section.card', transactionsTable({ first: transactions, load: more('transactions'), words })),
    card(words.text('events'), eventsList({ first: events, load: more('events'), genesis, words })),
    element('section.card', table({
      caption: words.text('certificate'), rows: signers,
      columns: [
        { label: words.text('validator'), cell: (one) => one.name ?? idLink('validator', one.id) },
        { label: words.text('power'), cell: (one) => (one.power === null ? '–' : words.percent(Number(one.power), Number(total))), end: true },
        { label: words.text('signed'), cell: (one) => (one.signed ? tag('good', words.text('yes')) : tag('plain', words.text('no'))), end: true },
      ],
    })),
  ];
}
