/**
 * The report as elements of the page. Text only ever becomes text: nothing of a file is read as markup.
 */

import { toHex } from '../verify/bytes.js';
import { idText, subjectText } from '../verify/ids.js';
import { element } from './element.js';
import { categoryOf, clock, factsOf, messageOf, organisation, summaryOf } from './describe.js';

/** Events that are shown at once; more on demand. */
const EVENTS_SHOWN = 200;

/** @typedef {{ text: (key: string, details?: Record<string, any>) => string, word: (key: string, fallback: string) => string }} Words */

const mark = (sign) => {
  const made = element('span.mark', sign);
  made.setAttribute('aria-hidden', 'true');
  return made;
};

/** Everything that is known about a file. @param {import('../verify/bundle.js').Report} report @param {Words} words */
export function reportView(report, words) {
  const { text } = words;
  const { verified, refusal, genesis } = report;
  const kind = verified ? 'holds' : 'fails';
  const verdict = element(`section.card.verdict.${kind}`, mark(verified ? '✓' : '✕'), element('div',
    element('h2', text(kind)),
    element('p', text(`${kind}Lead`)),
    refusal && element('p', element('strong', words.word(`refusal.${refusal.code}`, '') === '' ? refusal.message : text(`refusal.${refusal.code}`, refusal.details))),
    genesis?.sandbox ? element('p.quiet', text('sandbox')) : null));
  verdict.dataset.code = refusal?.code ?? '';
  const context = genesis && { genesis, word: words.word };
  return [verdict, stepsView(report, words), ...report.statements.map((statement) => statementView(statement, words, context))];
}

function stepsView({ steps, verified }, { text }) {
  const list = steps.map(({ name, times, holds }) => element(holds ? 'li' : 'li.broken', mark(holds ? '✓' : '✕'), element('span',
    text(`step.${name}`), times > 1 ? element('span.quiet', ` ${text('times', { times })}`) : null)));
  if (!verified) list.push(element('li.open', mark('–'), element('span', text('notReached'))));
  return element('section.card', element('h2', text('steps')), element('ol.steps', ...list));
}

/** Names and values, with what is in them. */
function facts(list) {
  return element('dl.facts', ...list.flatMap(({ label, text, fields, code }) => (fields
    ? [element('dt', label), element('dd', facts(fields))]
    : [element('dt', label), element('dd', code ? element('code', text) : text)])));
}

function statementView(statement, words, context) {
  const { text } = words;
  const body = {
    receipt: receiptView, object: objectView,
    history: (one) => [complete(one, words), timeline(one.events, words, context)],
    period: (one) => [
      facts([{ label: text('from'), text: clock(one.fromMs) }, { label: text('before'), text: clock(one.toMs) }]),
      one.absent ? element('p', element('strong', text('absentSubject'))) : complete(one, words),
      timeline(one.events, words, context),
    ],
  }[statement.claim](statement, words, context);
  const { subject } = statement;
  return element('section.card',
    element('h2', subject ? `${text(`claim.${statement.claim}`)}: ${text(`subject.${subject.kind}`)}` : text(`claim.${statement.claim}`)),
    subject ? element('p', element('code', subjectText(subject)), subject.kind === 'participant' ? ` ${context.genesis.organisations.get(toHex(subject.id)) ?? ''}` : '') : null,
    ...body, blockView(statement.finality, words, context));
}

function complete({ events }, { text }) {
  const key = events.length === 0 ? 'exactlyNone' : events.length === 1 ? 'exactlyOne' : 'exactly';
  return element('p', element('strong', text(key, { count: events.length })));
}

function blockView({ header, power, totalPower, signatures, setChanges }, { text }, { genesis }) {
  return element('details', element('summary', `${text('block')} ${header.height}, ${clock(header.timeMs)}`), facts([
    { label: text('network'), text: genesis.network },
    { label: text('height'), text: String(header.height) },
    { label: text('time'), text: clock(header.timeMs) },
    { label: text('block'), text: toHex(header.hash), code: true },
    { label: text('signed'), text: text('signedPower', { count: signatures, power, total: totalPower }) },
    { label: text('setChanges'), text: String(setChanges) },
  ]));
}

function receiptView({ id, outcome, rules, transaction }, words, context) {
  const { text } = words;
  const parts = [
    element(`p.outcome.${outcome.number === 0 ? 'applied' : 'other'}`, outcome.name.toLowerCase().replaceAll('_', ' ')),
    facts([{ label: text('transaction'), text: toHex(id), code: true }, { label: text('meaning'), text: outcome.help }]),
  ];
  if (rules.length > 0) parts.push(element('h3', text('rulesSpoke')), rulesView(rules, words, context));
  if (transaction === null) return [...parts, element('p.quiet', text('noContent'))];
  const { author, expiresAtMs, operation } = transaction.body;
  const message = messageOf('Operation', operation.kind.kind);
  const of = author.kind === 'authorAccount' ? idText('account', author.value) : organisation(author.value, context.genesis);
  return [...parts, element('details', element('summary', `${text('content')}: ${message}`), facts([
    { label: text('author'), text: of, code: author.kind === 'authorAccount' },
    { label: words.word('field.expiresAtMs', 'expires at'), text: clock(expiresAtMs) },
    ...factsOf(message, operation.kind.value, context),
  ]))];
}

/** Rules as results and events cite them, with the legal source where genesis knows it. */
function rulesView(rules, { text }, { genesis }) {
  return element('ul.rules', ...rules.map((name) => {
    const rule = genesis.rules.get(name);
    if (rule === undefined) return element('li', element('code', name), element('p.quiet', text('unknownRule')));
    return element('li', element('strong', rule.title), ' ', element('code', name),
      element('p', `${text('source')}: ${rule.source}`),
      element('p.quiet', rule.pack, rule.unverified ? ` · ${text('unverifiedRule')}` : ''));
  }));
}

function objectView({ key, absent, object }, words, context) {
  const { text } = words;
  const head = element('p', element('code', key.text));
  if (absent) return [head, element('p', element('strong', key.subject ? text('absentSubject') : text('absent')))];
  if (object === null) return [head];
  const message = { account: 'Account', participant: 'Participant', debtor: 'Debtor', loan: 'Loan', case: 'CollectionCase' }[key.kind];
  return [head, facts(factsOf(message, object, context))];
}

function timeline(events, words, context) {
  const list = element('ol.timeline');
  const show = (from) => {
    const until = Math.min(events.length, from + EVENTS_SHOWN);
    for (let place = from; place < until; place += 1) list.append(eventView(events[place], words, context));
    if (until === events.length) return;
    const more = element('button.more', words.text('more', { count: Math.min(EVENTS_SHOWN, events.length - until) }));
    more.type = 'button';
    const item = element('li.other', more);
    more.addEventListener('click', () => {
      item.remove();
      show(until);
      /** @type {HTMLElement} */ (list.children[until])?.querySelector('summary')?.focus();
    });
    list.append(item);
  };
  show(0);
  return events.length === 0 ? null : list;
}

function eventView(event, words, context) {
  const { text, word } = words;
  const { kind, value } = event.detail;
  const rules = [...(value.overridden ?? []), ...(value.rules ?? [])];
  const cause = event.cause === null ? text('byItself') : text('cause', { id: toHex(event.cause.transactionId) });
  return element(`li.${categoryOf(kind)}`,
    element('div.when', element('strong', word(`event.${kind}`, kind)), element('span.quiet', clock(event.timeMs))),
    element('p.summary', summaryOf(event.detail, context)),
    rules.length > 0 ? element('div', element('h3', text(kind === 'contactPermitted' ? 'overridden' : 'rulesSpoke')), rulesView(rules, words, context)) : null,
    element('details', element('summary', text('details')), facts([
      { label: text('eventAt', { sequence: event.sequence, height: event.height }), text: cause, code: event.cause !== null },
      ...factsOf(messageOf('Event', kind), value, context),
    ])));
}
