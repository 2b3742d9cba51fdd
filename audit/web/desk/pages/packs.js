/** The rule packs in force. */

import { element } from '../../page/element.js';
import { heading, idLink, table, tag, timeView } from '../parts.js';

export async function page({ api, words, signal }) {
  const { rows } = await api.get('packs', {}, signal);
  return [
    heading(words.text('page.packs')),
    element('section.card', table({
      caption: words.text('packsInForce'), rows, empty: words.text('noPacks'),
      columns: [
        { label: words.text('packTitle'), cell: (row) => idLink('pack', row.id, { name: row.title || row.id }) },
        { label: words.text('jurisdiction'), cell: (row) => row.jurisdiction || '–' },
        { label: words.text('version'), cell: (row) => words.number(row.version), end: true },
        { label: words.text('rules'), cell: (row) => words.number(row.rules), end: true },
        { label: words.text('inForceSince'), cell: (row) => (row.retired ? tag('warn', words.text('retired')) : row.in_force_since_ms ? timeView(row.in_force_since_ms, words) : '–') },
      ],
    })),
  ];
}
