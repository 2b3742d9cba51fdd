/** One collection case: who collects for whom, and every contact of it. */

import { heading, idLink, whoLink } from '../parts.js';
import { eventsCard, headCard, objectCard } from './record_page.js';

export async function page(context) {
  const { api, id, words, signal } = context;
  const found = await api.get(`case/${encodeURIComponent(id)}`, {}, signal);
  return [
    heading(words.text('subject.case')),
    headCard(found.id, [
      [words.text('collector'), whoLink(found.collector)],
      [words.text('lender'), whoLink(found.lender)],
      [words.text('subject.debtor'), found.debtor ? idLink('debtor', found.debtor) : null],
    ], context),
    objectCard('CollectionCase', found.bytes, context),
    await eventsCard(context, found.id),
  ];
}
