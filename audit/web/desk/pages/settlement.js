/** Settlement: what the network owes in each asset, what covers it, and where every organisation stands. */

import { element } from '../../page/element.js';
import { heading, table, tag, whoLink } from '../parts.js';

export async function page({ api, words, signal }) {
  const { assets, positions } = await api.get('settlement', {}, signal);
  const money = (row, name) => (row[name] === null || row[name] === undefined ? '–' : words.decimal(row[name]));
  return [
    heading(words.text('page.settlement')),
    element('section.card', table({
      caption: words.text('totalsByAsset'), rows: assets, empty: words.text('noAssets'),
      columns: [
        { label: words.text('asset'), cell: (row) => row.asset },
        { label: words.text('reserves'), cell: (row) => money(row, 'reserves'), end: true },
        { label: words.text('liabilities'), cell: (row) => money(row, 'liabilities'), end: true },
        { label: words.text('covered'), cell: (row) => (covers(row) ? tag('good', words.text('yes')) : tag('bad', words.text('no'))), end: true },
      ],
    })),
    element('section.card', table({
      caption: words.text('positions'), rows: positions, empty: words.text('noPositions'),
      columns: [
        { label: words.text('organisation'), cell: (row) => whoLink(row.participant) },
        { label: words.text('asset'), cell: (row) => row.asset },
        { label: words.text('reserves'), cell: (row) => money(row, 'reserve'), end: true },
        { label: words.text('liabilities'), cell: (row) => money(row, 'liabilities'), end: true },
        { label: words.text('position'), cell: (row) => money(row, 'position'), end: true },
      ],
    })),
    element('p.quiet', words.text('positionHelp')),
  ];
}

/** Whether reserves are at least the liabilities: decimal texts with the same places, compared as whole numbers. */
export function covers({ reserves, liabilities }) {
  const whole = (text) => BigInt(String(text).replace('.', ''));
  return whole(reserves) >= whole(liabilities);
}
