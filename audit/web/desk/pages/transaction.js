/** One transaction: what was asked, what came of it, by which rules; and the proof of it, verified here. */

import { element } from '../../page/element.js';
import { toHex } from '../../verify/bytes.js';
import { outcomeOf } from '../../verify/outcomes.js';
import { bytesOf, card, factList, heading, idLink, lookNote, nothing, outcomeTag, timeView, whoLink, wholeId } from '../parts.js';
import { rulesView, transactionView } from '../record.js';
import { verifyPanel } from '../verify_panel.js';
import { eventsList } from './rows.js';

export async function page(context) {
  const { api, id, words, genesis, signal } = context;
  const row = await api.get(`transaction/${encodeURIComponent(id)}`, {}, signal);
  const meaning = words.word(`outcomeHelp.${row.outcome_name}`, outcomeOf(row.outcome)?.help ?? '');
  return [
    heading(words.text('transaction'), outcomeTag(row.outcome, row.outcome_name, words)),
    card(null, factList([
      [words.text('transactionId'), wholeId(row.id, words)],
      [words.text('block'), idLink('block', row.height, { name: words.text('placeInBlock', { height: words.number(row.height), position: words.number(row.position + 1) }) })],
      [words.text('ledgerTime'), timeView(row.time_ms, words)],
      [words.text('author'), whoLink(row.author)],
      [words.text('outcome'), `${row.outcome_name} (${row.outcome})`],
      [words.text('meaning'), meaning],
    ])),
    // Why a debtor may not be contacted is for the readers of the content.
    row.rules?.length ? card(words.text('rulesSpoke'), rulesView(row.rules, words)) : null,
    card(words.text('content'), row.bytes ? transactionView(bytesOf(row.bytes), genesis.chain, genesis, words) : nothing(words.text('noContentHere'), words.text('noContentHereMore')), lookNote(api, words)),
    card(words.text('events'), eventsList({ first: row.events && { rows: row.events, next: null }, load: null, genesis, words })),
    // The receipt holds the content, and is for the same readers.
    row.bytes && verifyPanel({
      context, path: `proof/transaction/${encodeURIComponent(id)}`, name: `${row.id.slice(0, 16)}.proof`,
      objection: ({ statements: [statement] }) => {
        if (statement.claim !== 'receipt' || toHex(statement.id) !== row.id) return 'objection.other';
        return statement.outcome.number === row.outcome ? null : 'objection.outcome';
      },
    }),
  ].filter(Boolean);
}
