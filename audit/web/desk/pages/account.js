/** One account: what it holds, what happened to it; the case file of its holder where there is one. */

import { element } from '../../page/element.js';
import { ROWS_AT_ONCE } from '../limits.js';
import { heading, whoLink } from '../parts.js';
import { addressOf } from '../features.js';
import { eventsCard, headCard, objectCard } from './record_page.js';
import { transactionsTable } from './rows.js';

export async function page(context) {
  const { api, id, words, signal } = context;
  const path = `account/${encodeURIComponent(id)}`;
  const account = await api.get(path, { limit: ROWS_AT_ONCE }, signal);
  const load = async (cursor) => (await api.get(path, { cursor, limit: ROWS_AT_ONCE }, signal)).transactions;
  return [
    heading(words.text('subject.account')),
    headCard(account.id, [
      [words.text('sponsor'), whoLink(account.sponsor)],
      [words.text('page.case-file'), account.debtor ? element('a', { href: addressOf('case-file', account.id) }, words.text('openCaseFile')) : null],
    ], context),
    objectCard('Account', account.bytes, context),
    element('section.card', transactionsTable({ first: account.transactions, load, words })),
    await eventsCard(context, account.id),
  ];
}
