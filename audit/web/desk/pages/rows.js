/** The columns of blocks, transactions and events, the same on every page. */

import { element } from '../../page/element.js';
import { ROWS_AT_ONCE } from '../limits.js';
import { idLink, outcomeTag, paged, pagedTable, nothing, timeView, whoLink } from '../parts.js';
import { eventOf, eventView } from '../record.js';

/** @param {import('../words.js').Words} words */
export const blockColumns = (words) => [
  { label: words.text('height'), cell: ({ height }) => idLink('block', height, { name: words.number(height) }) },
  { label: words.text('round'), cell: ({ round }) => words.number(round), end: true },
  { label: words.text('ledgerTime'), cell: ({ time_ms: ms }) => timeView(ms, words) },
  { label: words.text('proposer'), cell: ({ proposer }) => proposer?.name ?? idLink('validator', proposer?.id ?? '') },
  { label: words.text('transactions'), cell: (row) => words.number(row.transactions), end: true },
  { label: words.text('notApplied'), cell: (row) => words.number(row.transactions - row.applied), end: true },
  { label: words.text('events'), cell: (row) => words.number(row.events), end: true },
];

export const transactionColumns = (words) => [
  { label: words.text('transaction'), cell: ({ id }) => idLink('transaction', id) },
  { label: words.text('operation'), cell: ({ operation }) => words.word(`operation.${camel(operation)}`, String(operation).replaceAll('_', ' ')) },
  { label: words.text('author'), cell: ({ author }) => whoLink(author) },
  { label: words.text('outcome'), cell: (row) => outcomeTag(row.outcome, row.outcome_name, words) },
  { label: words.text('block'), cell: ({ height }) => idLink('block', height, { name: words.number(height) }), end: true },
];

/** Operations have the names of the contract; the words have those of its fields. */
const camel = (name) => String(name).replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase()).replace(/^[A-Z]/, (letter) => letter.toLowerCase());

/** Transactions, a part at a time. */
export function transactionsTable({ first, load, words }) {
  // Whole blocks, and what somebody else's account asked for, are not for everybody.
  if (!first) return element('div', element('h2', words.text('transactions')), nothing(words.text('notForReader')));
  return pagedTable({ first, load, words, columns: transactionColumns(words), caption: words.text('transactions'), empty: words.text('noTransactions') });
}

/** Events in a row each, with whose they are. */
export function eventsList({ first, load, genesis, words, asset, subject = true }) {
  if (!first) return nothing(words.text('notForReader'));
  if (first.rows.length === 0) return nothing(words.text('noEvents'));
  return paged({
    first, load, words, into: element('ol.timeline'),
    show: (rows) => rows.map((row) => (row.bytes ? eventView(eventOf(row), { genesis, words, asset, subject }) : closedEvent(row, words))),
  });
}

/**
 * An event of a debtor, a loan or a case among others: what it says is on its own page, where looks are written down. Of an
 * organisation's it is not said which that is: the organisation alone is told.
 */
function closedEvent(row, words) {
  const { kind, id, name } = row.subject;
  const address = kind === 'debtor' ? id.replace(/^debtor:/, '') : id;
  return element('li.other',
    element('div.when', element('strong', words.word(`event.${camel(row.kind)}`, row.kind)), element('span.quiet', timeView(row.time_ms, words))),
    element('p.quiet', `${words.text(`subject.${kind}`)}: `, idLink(kind, address, { name }), ` · ${words.text(kind === 'participant' ? 'closedOfDebtor' : 'closedEvent')}`));
}

/** The events of a subject, newest first. `asset` of the context: what the amounts of a loan are of. */
export async function subjectEvents(context, subject) {
  const { api, words, genesis, signal, asset } = context;
  const load = (cursor) => api.get(`events/${encodeURIComponent(subject)}`, { cursor, limit: ROWS_AT_ONCE }, signal);
  return eventsList({ first: await load(null), load, genesis, words, asset, subject: false });
}
