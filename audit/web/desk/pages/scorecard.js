/** How agencies and lenders conduct themselves: when they contact, what the rules refused them, what they breached, how they answer. */

import { element } from '../../page/element.js';
import { barsChart, hoursChart } from '../charts.js';
import { enumText } from '../enums.js';
import { addressOf } from '../features.js';
import { button, card, choice, field, heading, idLink, nothing, rulesSource, table, tag, timeView } from '../parts.js';
import { DAY_MS } from '../words.js';

/** The periods that are offered, days; 0 for all time. */
const PERIODS = [7, 30, 90, 365, 0];

export async function page(context) {
  const { api, words, signal, query, state } = context;
  const by = query.get('by') === 'lender' ? 'lender' : 'agency';
  const days = PERIODS.includes(Number(query.get('days') ?? 30)) ? Number(query.get('days') ?? 30) : 30;
  const until = state.network?.time_ms ?? 0;
  const from = days === 0 ? 0 : Math.max(0, until - days * DAY_MS);
  const score = await api.get('scorecard', { by, from_ms: from, until_ms: until + 1 }, signal);
  const chosen = score.rows.find(({ id }) => id === query.get('of')) ?? score.rows[0];
  return [
    heading(words.text('page.scorecard')),
    choices(context, by, days),
    score.rows.length === 0 ? card(null, nothing(words.text('noConduct'), words.text('noConductMore'))) : element('section.card', overview(context, score, chosen)),
    ...(chosen === undefined ? [] : detail(chosen, score.quiet, words)),
  ];
}

function choices({ words, choose }, by, days) {
  const whose = choice([['agency', words.text('byAgency')], ['lender', words.text('byLender')]], by);
  whose.addEventListener('change', () => choose({ by: whose.value, of: '' }));
  const period = choice(PERIODS.map((one) => [String(one), one === 0 ? words.text('allTime') : words.text('lastDays', { count: words.number(one) })]), String(days));
  period.addEventListener('change', () => choose({ days: period.value }));
  return element('form.card.fields', field('by', words.text('scoreBy'), whose), field('days', words.text('period'), period));
}

const sum = (list) => list.reduce((total, { count }) => total + count, 0);

function overview({ words, query, choose }, score, chosen) {
  return table({
    caption: words.text(`conduct.${score.by}`), rows: score.rows,
    columns: [
      {
        label: words.text('name'),
        cell: (row) => {
          const link = element('a', { href: addressOf('scorecard', '', { ...Object.fromEntries(query), of: row.id }), 'aria-current': row === chosen ? 'true' : null }, row.name ?? row.id);
          return row === chosen ? element('strong', link) : link;
        },
      },
      { label: words.text('contactsGranted'), cell: (row) => words.number(row.granted), end: true },
      { label: words.text('contactsRefused'), cell: (row) => `${words.number(row.refused)} (${words.percent(row.refused, row.granted + row.refused)})`, end: true },
      { label: words.text('breaches'), cell: (row) => countTag(sum(row.breaches), 'bad', words), end: true },
      { label: words.text('complaintsOpen'), cell: (row) => words.number(row.complaints.open), end: true },
      { label: words.text('complaintsLate'), cell: (row) => countTag(row.complaints.late, 'warn', words), end: true },
      { label: words.text('timeToResolve'), cell: (row) => (row.resolve_ms_median === null ? '–' : words.duration(row.resolve_ms_median)), end: true },
    ],
  });
}

const countTag = (count, tone, words) => (count > 0 ? tag(tone, words.number(count)) : words.number(0));

/** The clocks of complaints that wait for an answer. Whose they are stands in the debtors' files. */
const clocksTable = (clocks, words) => {
  const time = (ms) => (ms === null ? '–' : timeView(ms, words));
  return table({
    caption: words.text('complaintClocks'), rows: clocks,
    columns: [
      { label: words.text('complaintMade'), cell: ({ opened_ms: ms }) => time(ms) },
      { label: words.text('acknowledgeBy'), cell: ({ acknowledge_by_ms: ms }) => time(ms) },
      { label: words.text('acknowledgedAt'), cell: ({ acknowledged_ms: ms }) => time(ms) },
      { label: words.text('resolveBy'), cell: ({ resolve_by_ms: ms }) => time(ms) },
      { label: words.text('lateSince'), cell: ({ overdue_ms: ms }) => (ms === null ? time(ms) : element('span', tag('bad', words.text('complaints.late')), ' ', time(ms))) },
    ],
  });
};

function detail(row, quiet, words) {
  const refusals = [...row.refusals].sort((a, b) => b.count - a.count);
  return [
    element('div.heading', element('h2', row.name ?? row.id), idLink('participant', row.id)),
    element('div.columns',
      hoursCard('chart.hoursTitle', row.hours, row.hour_unknown, quiet, words),
      hoursCard('chart.reportedTitle', row.reported_hours, row.reported_hour_unknown, quiet, words),
      card(null, barsChart({
        title: words.text('chart.refusalsTitle'), what: words.text('rule'), words,
        rows: refusals.map(({ rule, count }) => ({ label: rule.title ?? rule.id, value: count, tone: 'refused' })),
      }), refusals.length === 0 ? null : element('details', element('summary', words.text('sources')), rulesSource(refusals.map(({ rule }) => rule), words))),
      card(null, barsChart({
        title: words.text('chart.channelsTitle'), what: words.word('field.channel', words.text('channel')), words,
        rows: row.channels.map(({ channel, count }) => ({ label: enumText('ContactChannel', channel, words), value: count })),
      })),
      card(null, barsChart({
        title: words.text('chart.breachesTitle'), what: words.text('breaches'), words,
        rows: row.breaches.map(({ kind, count }) => ({ label: enumText('BreachKind', kind, words), value: count, tone: 'bad' })),
      })),
      card(null, barsChart({
        title: words.text('chart.complaintsTitle'), what: words.text('complaints'), words,
        rows: ['open', 'late', 'answered'].filter((one) => row.complaints[one] > 0).map((one) => ({ label: words.text(`complaints.${one}`), value: row.complaints[one], tone: one === 'late' ? 'bad' : '' })),
      }), element('p.quiet', `${words.text('timeToResolve')}: ${row.resolve_ms_median === null ? '–' : words.duration(row.resolve_ms_median)}`)),
    ),
    row.complaints.clocks.length === 0 ? null : element('section.card', clocksTable(row.complaints.clocks, words)),
    element('p', button(words.text('print'), () => window.print())),
  ].filter(Boolean);
}

/** Contacts by the hour of the debtor's day. */
const hoursCard = (title, hours, unknown, quiet, words) => card(null,
  hoursChart({ title: words.text(title), hours, quiet, words }),
  element('p.quiet', words.text('lettersApart')),
  unknown > 0 ? element('p.quiet', words.text('hourUnknown', { count: words.number(unknown) })) : null);
