/** One loan. */

import { heading, idLink, whoLink } from '../parts.js';
import { eventsCard, headCard, objectCard } from './record_page.js';

export async function page(context) {
  const { api, id, words, signal } = context;
  const loan = await api.get(`loan/${encodeURIComponent(id)}`, {}, signal);
  return [
    heading(words.text('subject.loan')),
    headCard(loan.id, [[words.text('lender'), whoLink(loan.lender)], [words.text('subject.debtor'), loan.debtor ? idLink('debtor', loan.debtor) : null]], context),
    objectCard('Loan', loan.bytes, context),
    await eventsCard(context, loan.id),
  ];
}
