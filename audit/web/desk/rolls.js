/**
 * Roll rates: from which days past due loans went to which, from the end of a month to that of the next.
 */

import { element } from '../page/element.js';
import { columnsChart } from './charts.js';
import { choice, field, table } from './parts.js';
import { DAY_MS } from './words.js';

/** @typedef {import('./words.js').Words} Words */
/** @typedef {{ from: string, to: string, loans: number }} Way */
/** @typedef {{ month_end: number, height: number, rows: Way[] }} Month */

/** From new and current to worst, then what ends a loan. */
export const ORDER = ['new', 'current', '1-30', '31-60', '61-90', '91-120', '121-150', '151-180', '180+', 'charged_off', 'paid_off'];
/** Where a loan still is. */
const OWED = ORDER.slice(1, -1);

/** In this order, each once; what is unknown comes last. @param {string[]} found */
export function orderOf(found) {
  const place = (one) => (ORDER.includes(one) ? ORDER.indexOf(one) : ORDER.length);
  return [...new Set(found)].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}

/**
 * A month as a square: a line for each standing that loans had, with how many went where.
 * @param {Way[]} rows
 * @returns {{ to: string[], lines: { from: string, total: number, loans: Map<string, number> }[] }}
 */
export function square(rows) {
  const lines = orderOf(rows.map(({ from }) => from)).map((from) => {
    const loans = new Map(rows.filter((row) => row.from === from).map((row) => [row.to, row.loans]));
    return { from, total: [...loans.values()].reduce((sum, one) => sum + one, 0), loans };
  });
  return { to: orderOf(rows.map(({ to }) => to)), lines };
}

/**
 * The section about rolls.
 * @param {{ months: Month[], chosen: number, words: Words, choose: (query: any) => void }} what `chosen` is the end of a month, the
 *   newest when it is none of them
 */
export function rollsView({ months, chosen, words, choose }) {
  const title = element('h2', words.text('rolls'));
  if (months.length === 0) return element('section.card.rolls', title, element('p.nothing', words.text('noRolls')));
  const month = months.find(({ month_end: end }) => end === chosen) ?? months[months.length - 1];
  const day = (end) => words.day(end * DAY_MS);
  /** Short enough to stand below a column. */
  const monthOf = (end) => new Date(end * DAY_MS).toISOString().slice(0, 7);
  const label = (standing) => words.word(`bucket.${standing}`, standing);
  const which = choice([...months].reverse().map(({ month_end: end }) => [String(end), day(end)]), String(month.month_end));
  which.addEventListener('change', () => choose({ month: which.value }));
  const { to, lines } = square(month.rows);
  const standings = orderOf(months.flatMap(({ rows }) => rows.map((row) => row.to))).filter((one) => OWED.includes(one));
  const parts = standings.map((standing) => ({
    name: standing, label: label(standing),
    values: months.map(({ rows }) => rows.filter((row) => row.to === standing).reduce((sum, { loans }) => sum + loans, 0)),
  }));
  return element('section.card.rolls', title,
    columnsChart({ title: words.text('chart.monthEndsTitle'), columns: months.map(({ month_end: end }) => monthOf(end)), what: words.text('monthEnd'), parts, words }),
    element('form.fields', field('month', words.text('monthEnd'), which)),
    table({
      caption: words.text('rollsOf', { day: day(month.month_end) }), rows: lines, empty: words.text('noRollsOf'),
      columns: [
        { label: words.text('rollFrom'), cell: ({ from }) => element('strong', label(from)) },
        ...to.map((standing) => ({ label: label(standing), cell: ({ loans, total }) => share(loans.get(standing) ?? 0, total, words), end: true })),
        { label: words.text('loans'), cell: ({ total }) => words.number(total), end: true },
      ],
    }),
    element('p.quiet', words.text('rollsHelp')));
}

const share = (count, total, words) => (count === 0 ? '–' : element('span', `${words.number(count)} `, element('small', `(${words.percent(count, total)})`)));
