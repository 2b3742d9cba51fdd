/**
 * What a message says, field by field, for people: ids as texts, times, money, the words of enumerations.
 * Nothing of a message is left out but what is empty.
 */

import { toDecimal } from '../verify/amount.js';
import { toHex } from '../verify/bytes.js';
import { idText, subjectFromBytes, subjectText } from '../verify/ids.js';
import { ENUMS, MESSAGES } from '../verify/schemas.js';
import { dateText, timeText } from '../verify/time.js';

/** @typedef {{ label: string, text?: string, fields?: Fact[], code?: boolean }} Fact */

/** Whose ids stand in fields of 16 bytes. */
const IDS = {
  account: ['account', 'authorAccount', 'borrower', 'counterparty', 'debtor', 'servicer', 'guarantor'],
  participant: ['participant', 'authorParticipant', 'sponsor', 'collector', 'lender', 'by', 'placedBy', 'against', 'bureau', 'reader',
    'loggedBy', 'provider', 'recipient'],
  hold: ['hold'], proposal: ['proposal'], loan: ['loan', 'loans'], case: ['case'], product: ['product'], agreement: ['agreement'],
  permit: ['permit'],
};
const ID_OF = new Map(Object.entries(IDS).flatMap(([kind, names]) => names.map((name) => [name, kind])));
/** The same where the name alone does not say. */
const ID_IN = {
  'Transfer.from': 'account', 'Transfer.to': 'account', 'HoldPlace.from': 'account', 'HoldPlace.to': 'account',
  'DebtAssigned.from': 'participant', 'DebtAssigned.to': 'participant', 'DebtAssign.to': 'participant', 'DataGrantSet.to': 'participant',
};

const DAYS = new Set(['due', 'date', 'firstDue', 'businessDate', 'evaluatedOn', 'until', 'PromiseToPay.by']);
/** Whole numbers of 64 bits that are no money. */
const COUNTS = new Set(['base', 'height', 'effectiveHeight', 'nonce', 'length', 'sequence', 'power', 'byMs']);

/** `CONTACT_CHANNEL_VOICE_CALL` without what all values of the enumeration begin with. */
export function enumWord(type, value) {
  const values = ENUMS[type];
  let prefix = values[1] ?? values[0];
  for (const one of values) while (!one.startsWith(prefix)) prefix = prefix.slice(0, -1);
  prefix = values.length > 2 ? prefix.slice(0, prefix.lastIndexOf('_') + 1) : '';
  return value.slice(prefix.length).toLowerCase().replaceAll('_', ' ');
}

/** An organisation by its name, where genesis knows it. */
export function organisation(id, genesis) {
  const name = genesis.organisations.get(toHex(id));
  return name === undefined ? idText('participant', id) : `${name} (${idText('participant', id)})`;
}

/**
 * The text of one value.
 * @param {string} message name of the message that it stands in
 * @param {any} owner that message
 * @param {string} name of the field
 * @param {string} type of the field
 * @param {any} value
 * @param {{ genesis: import('../verify/genesis.js').Genesis, word: (key: string, fallback: string) => string, asset?: string }} context
 *   `asset` is what amounts are of where the message does not say, as in the events of a loan
 * @returns {{ text: string, code?: boolean } | null} `null` for nothing
 */
function textOf(message, owner, name, type, value, { genesis, word, asset }) {
  if (type in ENUMS) {
    return value === ENUMS[type][0] ? null : { text: word(`value.${value}`, enumWord(type, value)) };
  }
  if (type === 'bool') return value ? { text: word('yes', 'yes') } : null;
  if (type === 'string') return value === '' ? null : { text: value };
  if (type === 'bytes') {
    if (value.length === 0) return null;
    const subject = value.length === 17 ? subjectFromBytes(value) : null;
    if (subject !== null) {
      return subject.kind === 'participant' ? { text: organisation(subject.id, genesis) } : { text: subjectText(subject), code: true };
    }
    const kind = value.length === 16 ? ID_IN[`${message}.${name}`] ?? ID_OF.get(name) : undefined;
    if (kind === 'participant') return { text: organisation(value, genesis) };
    return { text: kind === undefined ? toHex(value) : idText(kind, value), code: true };
  }
  const isEmpty = value === 0 || value === 0n;
  if (isEmpty) return null;
  if (name.endsWith('Ms') && !COUNTS.has(name)) return { text: clock(value) };
  if (type === 'uint32' && (DAYS.has(name) || DAYS.has(`${message}.${name}`))) return { text: dateText(value) };
  if (name.endsWith('Seconds')) return { text: `${value} s` };
  if (name.endsWith('Ppm')) return { text: `${value / 10_000} %` };
  if (type === 'uint64' && !COUNTS.has(name)) {
    const of = owner.asset ?? asset;
    const places = of === undefined ? undefined : genesis.decimals.get(of);
    return { text: places === undefined ? `${value} ${word('minorUnits', 'minor units')}` : `${toDecimal(value, places)} ${of}` };
  }
  return { text: value.toString() };
}

/** A time as people read it. @param {bigint} ms */
export function clock(ms) {
  return timeText(ms).replace('T', ' ').replace('Z', ' UTC');
}

/** `endToEndId` as `end to end id`. */
const spaced = (name) => name.replace(/(Ms|Ppm|Seconds)$/, '').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/**
 * Every field of a message that is not empty.
 * @param {string} name the message's
 * @param {any} value the message
 * @returns {Fact[]}
 */
export function factsOf(name, value, context) {
  const facts = [];
  for (const line of MESSAGES[name]) {
    const [, own, written, choice = ''] = line.split(' ');
    const type = written.replace('[]', '');
    const chosen = choice === '' ? undefined : value[choice.slice(1)];
    if (choice !== '' && chosen?.kind !== own) continue;
    const found = choice === '' ? value[own] : chosen.value;
    const label = context.word(`field.${own}`, spaced(own));
    const list = Array.isArray(found) ? found : [found];
    for (const one of list) {
      if (one === null || one === undefined) continue;
      if (type in MESSAGES) {
        const fields = factsOf(type, one, context);
        if (fields.length > 0) facts.push({ label, fields });
      } else {
        const text = textOf(name, value, own, type, one, context);
        if (text !== null) facts.push({ label, ...text });
      }
    }
  }
  return facts;
}

/** The message in which each kind of a choice is written. */
export function messageOf(choiceOwner, kind) {
  const line = MESSAGES[choiceOwner].find((one) => one.split(' ')[1] === kind);
  return line.split(' ')[2];
}

/** What the line of an event shows at once; the rest is behind it. */
const SUMMARIES = {
  opened: ['kind', 'sponsor'], restricted: ['restriction', 'placedBy'], posted: ['kind', 'amount', 'counterparty', 'endToEndId'],
  proposalStepped: ['step', 'kind', 'by'], rulePackSet: ['pack', 'version', 'status'], recordRead: ['reader', 'purpose'],
  loanOriginated: ['principal', 'lender', 'governingLaw'], loanEntry: ['kind', 'principal', 'interest', 'fees'],
  creditFurnished: ['bureau', 'kind', 'daysPastDue'], debtAssigned: ['from', 'to'], businessDateAdvanced: ['date'],
  debtorRegistered: ['sponsor', 'residence.country'], casePlaced: ['placed.collector', 'lender'], noticeServed: ['notice.notice', 'by'],
  contactPermitted: ['request.channel', 'request.party', 'request.purpose', 'collector'],
  contactClosed: ['outcome.result', 'outcome.durationSeconds'], contactReported: ['report.channel', 'finding', 'report.collector'],
  contactRevoked: ['atMs'], breach: ['kind', 'by'], promiseMade: ['amount', 'by'], promiseEnded: ['kept', 'paid'],
  disputeResolved: ['resolution'], protectionChanged: ['set.protection', 'set.lifted', 'untilMs'],
  complaintOpened: ['complaint.against', 'resolveByMs'], complaintAnswered: ['step'], keysRotated: ['policy.threshold'],
  validatorsScheduled: ['effectiveHeight'], credentialAttested: ['provider'], residenceChanged: ['residence.country', 'by'],
};

/** The line of an event. @param {{ kind: string, value: any }} detail @returns {string} */
export function summaryOf({ kind, value }, context) {
  const parts = (SUMMARIES[kind] ?? []).map((path) => {
    let [message, owner] = [messageOf('Event', kind), value];
    const names = path.split('.');
    const last = names.pop();
    for (const name of names) [message, owner] = [typeOf(message, name), owner?.[name]];
    const type = typeOf(message, last);
    if (!owner || type === undefined || Array.isArray(owner[last])) return null;
    return textOf(message, owner, last, type, owner[last], context)?.text ?? null;
  });
  return parts.filter((part) => part !== null).join(' · ');
}

const typeOf = (message, name) => MESSAGES[message]?.find((line) => line.split(' ')[1] === name)?.split(' ')[2];

/** Colours of the timeline. */
export function categoryOf(kind) {
  if (kind === 'breach' || kind === 'contactRevoked') return 'breach';
  if (/^(contact|notice|case|preferences)/.test(kind)) return 'contact';
  if (/^(dispute|complaint|protection|restricted|legalHold)/.test(kind)) return 'remedy';
  if (/^(posted|loan|loss|debtAssigned|promise|plan)/.test(kind)) return 'money';
  return 'other';
}
