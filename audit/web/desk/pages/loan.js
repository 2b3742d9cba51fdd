/** One loan. */

import { heading, idLink, whoLink } from '../parts.js';
import { eventsCard, headCard, objectCard } from './record_page.js';

export async function page(context) {
  const { api, id, words, signal } = context;
  const loan = await api.get(`loan/${encodeURIComponent(id)}`, {}, signal);
  // The ledger has the currency in the product alone: which it is are the server's words.
  const inAsset = { ...context, asset: loan.asset ?? undefined };
  return [
    heading(words.text('subject.loan')),
    headCard(loan.id, [[words.text('lender'), whoLink(loan.lender)], [words.text('subject.debtor'), loan.debtor ? idLink('debtor', loan.debtor) : null]], context),
    objectCard('Loan', loan.bytes, inAsset),
    await eventsCard(inAsset, loan.id),
  ];
}
