/** The loan book: what is lent, how late it is, and how that moved from month to month. */

import { element } from '../../page/element.js';
import { columnsChart } from '../charts.js';
import { card, choice, field, heading, idLink, nothing, table, whoLink } from '../parts.js';
import { DAY_MS } from '../words.js';

export async function page({ api, words, signal, query, choose }) {
  const lender = query.get('lender') ?? '';
  const book = await api.get('loan-book', { lender }, signal);
  const whose = choice([['', words.text('allLenders')], ...book.lenders.map(({ id, name }) => [id, name ?? id])], lender);
  whose.addEventListener('change', () => choose({ lender: whose.value }));
  const buckets = orderOf([...book.rows, ...book.roll].map(({ bucket }) => bucket));
  const months = [...new Set(book.roll.map(({ month }) => month))].sort();
  const label = (bucket) => words.word(`bucket.${bucket}`, bucket);
  const parts = buckets.map((bucket) => ({
    name: bucket, label: label(bucket),
    values: months.map((month) => book.roll.filter((one) => one.month === month && one.bucket === bucket).reduce((sum, one) => sum + one.loans, 0)),
  }));
  const date = typeof book.business_date === 'number' ? book.business_date * DAY_MS : book.business_date;
  return [
    heading(words.text('page.loan-book'), date ? element('span.quiet', words.text('asOf', { day: words.day(date) })) : null),
    element('form.card.fields', field('lender', words.text('lender'), whose)),
    element('section.card', table({
      caption: words.text('loansByBucket'), rows: [...book.rows].sort((a, b) => order(a, b, buckets)), empty: words.text('noLoanBook'),
      columns: [
        { label: words.text('product'), cell: (row) => row.name || idLink('product', row.product) },
        { label: words.text('lender'), cell: (row) => whoLink(row.lender) },
        { label: words.text('delinquency'), cell: (row) => label(row.bucket) },
        { label: words.text('loans'), cell: (row) => words.number(row.loans), end: true },
        { label: words.text('outstanding'), cell: (row) => words.money(row.outstanding), end: true },
      ],
    })),
    card(null, book.roll.length === 0 ? nothing(words.text('noRoll')) : columnsChart({ title: words.text('chart.rollTitle'), months, parts, words }),
      element('p.quiet', words.text('rollHelp'))),
  ];
}

/** From current to worst. */
const ORDER = ['CURRENT', 'DAYS_1_30', 'DAYS_31_60', 'DAYS_61_90', 'DAYS_91_PLUS', 'CHARGED_OFF'];

/** @param {string[]} found */
export function orderOf(found) {
  const place = (bucket) => (ORDER.includes(bucket) ? ORDER.indexOf(bucket) : ORDER.length);
  return [...new Set(found)].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}

const order = (a, b, buckets) => `${a.lender?.name}${a.name}`.localeCompare(`${b.lender?.name}${b.name}`) || buckets.indexOf(a.bucket) - buckets.indexOf(b.bucket);
