/** What a text names: an id, a reference, a Legal Entity Identifier, a height. */

import { element } from '../../page/element.js';
import { addressOfKind } from '../features.js';
import { heading, idLink, nothing } from '../parts.js';

export async function page({ api, words, signal, query }) {
  const asked = (query.get('q') ?? '').slice(0, 128);
  const { rows } = asked === '' ? { rows: [] } : await api.get('search', { q: asked }, signal);
  if (rows.length === 1) {
    const address = addressOfKind(rows[0].kind, rows[0].id);
    if (address !== null) location.replace(address);
  }
  return [
    heading(words.text('searchTitle'), element('code', asked)),
    element('section.card', rows.length === 0 ? nothing(words.text('nothingFound'), words.text('nothingFoundMore')) : element('ul.plain', ...rows.map(
      (row) => element('li', `${words.word(`subject.${row.kind}`, words.text(`named.${row.kind}`))}: `, idLink(row.kind, row.id, { name: row.name ?? null, whole: true }),
        row.case ? ' · ' : null, row.case ? idLink('case', row.case) : null, row.debtor ? ' · ' : null, row.debtor ? idLink('debtor', row.debtor) : null)))),
  ];
}
