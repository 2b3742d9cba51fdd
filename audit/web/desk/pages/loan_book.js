/** The loan book: what is lent by whom, how late it is, and how it rolled from month to month. */

import { element } from '../../page/element.js';
import { columnsChart } from '../charts.js';
import { card, choice, field, heading, idLink, table, whoLink } from '../parts.js';
import { orderOf, rollsView } from '../rolls.js';
import { DAY_MS } from '../words.js';

export async function page({ api, words, signal, query, choose }) {
  const lender = query.get('lender') ?? '';
  const [book, { months }] = await Promise.all([api.get('loan-book', { lender }, signal), api.get('loan-rolls', { lender }, signal)]);
  const whose = choice([['', words.text('allLenders')], ...book.lenders.map(({ id, name }) => [id, name ?? id])], lender);
  whose.addEventListener('change', () => choose({ lender: whose.value }));
  const rows = book.rows.map((row) => ({ ...row, days: row.bucket, bucket: row.charged_off ? 'charged_off' : row.bucket }));
  const buckets = orderOf(rows.map(({ bucket }) => bucket));
  const label = (bucket) => words.word(`bucket.${bucket}`, bucket);
  const lenders = book.lenders.filter(({ id }) => rows.some((row) => row.lender?.id === id));
  const parts = buckets.map((bucket) => ({
    name: bucket, label: label(bucket),
    values: lenders.map(({ id }) => rows.filter((row) => row.lender?.id === id && row.bucket === bucket).reduce((sum, { loans }) => sum + loans, 0)),
  }));
  return [
    heading(words.text('page.loan-book'), element('span.quiet', words.text('asOf', { day: words.day(book.business_date * DAY_MS) }))),
    element('form.card.fields', field('lender', words.text('lender'), whose)),
    lenders.length === 0 ? null : card(null, columnsChart({ title: words.text('chart.bookTitle'), columns: lenders.map(({ id, name }) => name ?? id), what: words.text('lender'), parts, words }),
      element('p.quiet', words.text('bookHelp'))),
    element('section.card', table({
      caption: words.text('loansByBucket'), rows: rows.sort((a, b) => order(a, b, buckets)), empty: words.text('noLoanBook'),
      columns: [
        { label: words.text('lender'), cell: (row) => whoLink(row.lender) },
        { label: words.text('product'), cell: (row) => element('span', idLink('product', row.product), ` ${row.asset ?? ''}`) },
        { label: words.text('delinquency'), cell: (row) => (row.charged_off ? `${label('charged_off')} · ${label(row.days)}` : label(row.bucket)) },
        { label: words.text('loans'), cell: (row) => words.number(row.loans), end: true },
        { label: words.text('outstanding'), cell: (row) => (row.outstanding ? words.money(row.outstanding) : '–'), end: true },
      ],
    })),
    rollsView({ months, chosen: Number(query.get('month') ?? 0), words, choose }),
  ].filter(Boolean);
}

const nameOf = (row) => `${row.lender?.name} ${row.product}`;
const order = (a, b, buckets) => nameOf(a).localeCompare(nameOf(b)) || buckets.indexOf(a.bucket) - buckets.indexOf(b.bucket);
