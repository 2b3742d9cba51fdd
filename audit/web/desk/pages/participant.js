/** One organisation: who it is on the network, what it asked for, what happened to it. */

import { element } from '../../page/element.js';
import { ROWS_AT_ONCE } from '../limits.js';
import { card, heading, nothing } from '../parts.js';
import { eventsCard, headCard, objectCard } from './record_page.js';
import { transactionsTable } from './rows.js';

export async function page(context) {
  const { api, id, words, signal } = context;
  const path = `participant/${encodeURIComponent(id)}`;
  const participant = await api.get(path, { limit: ROWS_AT_ONCE }, signal);
  const load = async (cursor) => (await api.get(path, { cursor, limit: ROWS_AT_ONCE }, signal)).transactions;
  return [
    heading(participant.name ?? words.text('subject.participant')),
    headCard(participant.id, [], context),
    objectCard('Participant', participant.bytes, context),
    element('section.card', transactionsTable({ first: participant.transactions, load, words })),
    // What an organisation did is about debtors: the server says whether its history is for this reader, and hides whom.
    participant.history ? await eventsCard(context, participant.id) : card(words.text('events'), nothing(words.text('notYourHistory'))),
  ];
}
