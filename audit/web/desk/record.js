/**
 * What canonical bytes say, for people: events, transactions and objects as the ledger wrote them. The server's own
 * words for them are not needed, so they cannot mislead.
 */

import { categoryOf, factsOf, messageOf, summaryOf } from '../page/describe.js';
import { element } from '../page/element.js';
import { fromBase64url } from '../sign/base64url.js';
import { bytesTo, idOf } from './ids.js';
import { idLink, tag, timeView } from './parts.js';
import { subjectText } from '../verify/ids.js';
import { readEvent } from '../verify/event.js';
import { readTransaction } from '../verify/transaction.js';
import { toHex } from '../verify/bytes.js';
import { decode } from '../verify/wire.js';

/** @typedef {import('./words.js').Words} Words */

/** What the words of records need. @param {any} genesis @param {Words} words @param {string} [asset] of amounts that do not say */
export const contextOf = (genesis, words, asset) => ({ genesis, word: words.word, asset });

/** Names and values with what is in them. @param {import('../page/describe.js').Fact[]} list @returns {HTMLElement} */
export function facts(list) {
  return element('dl.facts', ...list.flatMap(({ label, text, fields, code }) => [
    element('dt', label), element('dd', fields ? facts(fields) : code ? valueView(text) : text),
  ]));
}

/** An id in a record leads to its page. */
function valueView(text) {
  const kind = idOf(text)?.kind;
  return kind === undefined ? element('code', text) : idLink(kind, text, { whole: true });
}

/** Every field of a message that is not empty. @param {string} message @param {Uint8Array} bytes */
export function objectView(message, bytes, genesis, words, asset) {
  return facts(factsOf(message, decode(message, bytes), contextOf(genesis, words, asset)));
}

/** The event of a row of the server; its bytes count, and what the row says otherwise does not. */
export const eventOf = (row) => readEvent(fromBase64url(row.bytes));

/** Where the subject of an event is shown. */
export function subjectLink(subject) {
  const text = subjectText(subject);
  return idLink(subject.kind, subject.kind === 'debtor' ? bytesTo('account', subject.id) : text, subject.kind === 'debtor' ? { name: null } : {});
}

/** Rules that spoke, with their legal source. @param {{ id: string, title?: string, source?: string, pack?: string, unverified?: boolean }[]} list */
export function rulesView(list, words) {
  return element('ul.rules', ...list.map(({ id, title, source, pack, unverified }) => element('li',
    element('strong', title ?? words.text('unknownRule')), ' ', element('code', id),
    source ? element('p', `${words.text('source')}: ${source}`) : null,
    pack || unverified ? element('p.quiet', pack ?? '', unverified ? ` · ${words.text('unverifiedRule')}` : '') : null)));
}

/** Rules as events cite them, with what genesis says of them, or the server of those that came later. */
export const citedRules = (names, genesis) => names.map((id) => ({ id, ...(genesis.rules.get(id) ?? {}), id }));

/**
 * An event in a timeline.
 * @param {import('../verify/event.js').Event} event
 * @param {{ genesis: any, words: Words, asset?: string, subject?: boolean, mark?: Node | null }} how `subject` says whose it is
 */
export function eventView(event, { genesis, words, asset, subject = false, mark = null }) {
  const { kind, value } = event.detail;
  const context = contextOf(genesis, words, asset);
  const cited = [...(value.overridden ?? []), ...(value.rules ?? [])];
  const cause = event.cause === null ? words.text('byItself') : idLink('transaction', toHex(event.cause.transactionId));
  return element(`li.${categoryOf(kind)}`,
    element('div.when', element('strong', words.word(`event.${kind}`, kind)), element('span.quiet', timeView(Number(event.timeMs), words)), mark),
    subject ? element('p.quiet', `${words.text(`subject.${event.subject.kind}`)}: `, subjectLink(event.subject)) : null,
    element('p.summary', summaryOf(event.detail, context)),
    cited.length > 0 ? element('div', element('h3', words.text(kind === 'contactPermitted' ? 'overridden' : 'rulesSpoke')), rulesView(citedRules(cited, genesis), words)) : null,
    element('details', element('summary', words.text('details')),
      element('p.quiet', `${words.text('eventAt', { sequence: event.sequence, height: words.number(event.height) })} · `, cause),
      facts(factsOf(messageOf('Event', kind), value, context))));
}

/** `ContactPermit` as people write it. */
const spaced = (name) => name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

/** A transaction as it was signed. @param {Uint8Array} bytes @param {Uint8Array} chain */
export function transactionView(bytes, chain, genesis, words) {
  const { body } = readTransaction(bytes, chain);
  const { kind, value } = body.operation.kind;
  const message = messageOf('Operation', kind);
  return element('div', element('p', tag('plain', words.word(`operation.${kind}`, spaced(message)))), facts(factsOf(message, value, contextOf(genesis, words))));
}
