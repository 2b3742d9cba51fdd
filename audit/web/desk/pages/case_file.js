/**
 * The case file: everything that collectors did to one debtor and what the debtor did about it, in one timeline; and
 * whether that is all there is, verified here.
 */

import { element } from '../../page/element.js';
import { toHex } from '../../verify/bytes.js';
import { enumText } from '../enums.js';
import { bytesTo, idOf } from '../ids.js';
import { ROWS_AT_ONCE } from '../limits.js';
import { card, heading, idLink, lookNote, nothing, outcomeTag, paged, tag, tiles, timeView, whoLink } from '../parts.js';
import { eventOf, eventView, rulesView } from '../record.js';
import { verifyPanel } from '../verify_panel.js';

/** What is in a timeline, in the order in which it is offered. */
export const KINDS = ['permit', 'refusal', 'outcome', 'report', 'breach', 'notice', 'dispute', 'complaint', 'protection', 'payment', 'look', 'other'];
/** Kinds that are counted above the timeline. */
const COUNTED = ['permit', 'refusal', 'breach', 'dispute', 'complaint', 'protection'];

export async function page(context) {
  const { id, words } = context;
  return [
    heading(words.text('page.case-file'), element('code', id)),
    ...await caseFile(context, id),
  ];
}

/** The file of an account, for whoever may see it. @param {any} context @param {string} account */
export async function caseFile(context, account) {
  const { api, words, genesis, signal, query, choose } = context;
  const chosen = new Set((query.get('kinds') ?? '').split(',').filter((kind) => KINDS.includes(kind)));
  const kinds = [...chosen].join(',');
  const path = `case-file/${encodeURIComponent(account)}`;
  const load = (cursor) => api.get(path, { kinds, cursor, limit: ROWS_AT_ONCE }, signal);
  const file = await load(null);
  const shown = new Shown(chosen.size === 0);
  // Amounts of a loan do not say what they are of; the loan does.
  const assets = new Map(file.loans.map(({ id, asset }) => [id, asset ?? undefined]));
  const assetOf = ({ loan }) => (loan?.length > 0 ? assets.get(bytesTo('loan', loan)) : undefined);
  const list = element('ol.timeline');
  const timeline = file.rows.length === 0 ? nothing(words.text(chosen.size > 0 ? 'noneOfKind' : 'emptyFile'), words.text('emptyFileMore')) : paged({
    first: file, load, words, into: list,
    show: (rows) => rows.map((row) => itemView(row, { genesis, words, shown, assetOf })),
    after: (next) => { shown.whole = next === null; },
  });
  return [
    tiles(COUNTED.map((kind) => [words.text(`kind.${kind}`), words.number(file.counts[kind] ?? 0)])),
    placesCard(file, words),
    verifyPanel({
      context, path: `proof/debtor/${encodeURIComponent(account)}`, name: `${account}.proof`,
      objection: ({ statements }) => (isAbout(statements, account) ? null : 'objection.other'),
      verified: (report) => shown.hold(report, words),
    }),
    card(words.text('timeline'), kindsForm(file.counts, chosen, words, choose), timeline, lookNote(api, words)),
  ];
}

/** Whether a proof is the audit of this account. */
function isAbout(statements, account) {
  const own = toHex(idOf(account)?.id ?? new Uint8Array(0));
  return statements.some(({ claim, subject }) => claim === 'period' && subject.kind === 'debtor' && toHex(subject.id) === own);
}

function placesCard({ sponsor, loans, cases }, words) {
  const all = [
    ...loans.map(({ id, lender }) => element('li', `${words.text('subject.loan')} `, idLink('loan', id), ' · ', whoLink(lender))),
    ...cases.map(({ id, collector, open }) => element('li', `${words.text('subject.case')} `, idLink('case', id), ' · ', whoLink(collector), ' ',
      tag(open ? 'plain' : 'warn', words.text(open ? 'caseOpen' : 'caseRecalled')))),
  ];
  return card(words.text('loansAndCases'), element('p', `${words.text('sponsor')}: `, whoLink(sponsor)),
    all.length === 0 ? nothing(words.text('noLoans')) : element('ul.plain', ...all));
}

/** Which kinds are shown; none chosen means all. */
function kindsForm(counts, chosen, words, choose) {
  const boxes = KINDS.filter((kind) => counts[kind] > 0 || chosen.has(kind)).map((kind) => {
    const box = /** @type {HTMLInputElement} */ (element('input', { type: 'checkbox', checked: chosen.has(kind) }));
    box.addEventListener('change', () => {
      if (box.checked) chosen.add(kind);
      else chosen.delete(kind);
      choose({ kinds: KINDS.filter((one) => chosen.has(one)).join(',') });
    });
    return element('label', box, `${words.text(`kind.${kind}`)} (${words.number(counts[kind] ?? 0)})`);
  });
  return element('fieldset.choices', element('legend', words.text('showOnly')), ...boxes);
}

function itemView(row, { genesis, words, shown, assetOf }) {
  const made = row.event ? eventItem(row, { genesis, words, shown, assetOf }) : row.look ? lookView(row, words) : refusalView(row, words);
  made.dataset.kind = row.kind;
  return made;
}

function eventItem(row, { genesis, words, shown, assetOf }) {
  const event = eventOf(row.event);
  const mark = element('span.proof');
  shown.add(event, mark);
  return eventView(event, { genesis, words, asset: assetOf(event.detail.value), subject: event.subject.kind !== 'debtor', mark });
}

/** A contact that the rules forbade: it is no event of the debtor's, for nothing happened to the debtor. */
function refusalView(row, words) {
  const { agency, lender, channel, outcome_name: outcome, rules, case: place } = row.refusal;
  return element('li.refused',
    element('div.when', element('strong', words.text('kind.refusal')), element('span.quiet', timeView(row.time_ms, words)),
      outcome ? outcomeTag(1, outcome, words) : null),
    element('p', whoLink(agency), lender ? ' → ' : '', lender ? whoLink(lender) : '', channel ? ` · ${enumText('ContactChannel', channel, words)}` : '', ' · ', idLink('case', place)),
    rules.length > 0 ? element('div', element('h3', words.text('rulesSpoke')), rulesView(rules, words)) : null,
    row.transaction ? element('p.quiet', `${words.text('transaction')}: `, idLink('transaction', row.transaction)) : null);
}

/** Somebody looked through this desk. */
function lookView({ look, time_ms: ms }, words) {
  return element('li.other',
    element('div.when', element('strong', words.text('kind.look')), element('span.quiet', timeView(ms, words))),
    element('p', whoLink(look.reader), ` · ${words.word(`shown.${look.shown}`, look.shown)} · ${words.text('lookNumber', { number: words.number(look.number) })}`));
}

/** What the timeline shows, held against what is proved. */
class Shown {
  /** @param {boolean} all whether kinds are left out on purpose */
  constructor(all) {
    this.all = all;
    /** Whether the end of the timeline was reached. */
    this.whole = false;
    /** @type {Map<string, { event: import('../../verify/event.js').Event, mark: HTMLElement }>} */
    this.events = new Map();
    this.proved = null;
  }

  add(event, mark) {
    this.events.set(toHex(event.hash), { event, mark });
    if (this.proved !== null) this.judge(event, mark);
  }

  /** A proof holds: every event shown is in it, or newer, or not so. */
  hold({ statements }, words) {
    const periods = statements.filter(({ claim }) => claim === 'period');
    const hashes = new Map(periods.flatMap(({ subject, events }) => events.map((event) => [toHex(event.hash), subject.kind])));
    const height = periods.reduce((least, { finality }) => (finality.header.height < least ? finality.header.height : least), periods[0].finality.header.height);
    this.proved = { hashes, height, words };
    for (const { event, mark } of this.events.values()) this.judge(event, mark);
    const wrong = [...this.events.values()].filter(({ mark }) => mark.dataset.state === 'wrong').length;
    const ofDebtor = [...hashes].filter(([, kind]) => kind === 'debtor').map(([hash]) => hash);
    const missing = this.all && this.whole ? ofDebtor.filter((hash) => !this.events.has(hash)).length : 0;
    const counts = { shown: words.number(this.events.size), proved: words.number(hashes.size) };
    if (wrong > 0 || missing > 0) {
      const made = element('p.banner.bad', element('strong', words.text('shownOtherwise')), ' ',
        words.text('shownOtherwiseMore', { wrong: words.number(wrong), missing: words.number(missing) }));
      made.dataset.code = 'shown-otherwise';
      return made;
    }
    return element('p', words.text(this.all && this.whole ? 'shownAll' : 'shownPart', counts));
  }

  judge(event, mark) {
    const { hashes, height, words } = this.proved;
    const state = hashes.has(toHex(event.hash)) ? 'proved' : event.height > height ? 'newer' : 'wrong';
    mark.dataset.state = state;
    mark.replaceChildren(tag({ proved: 'good', newer: 'plain', wrong: 'bad' }[state], words.text(`proof.${state}`)));
  }
}
