/**
 * A regulator's bundle: what happened to some subjects in a period, each shown complete.
 *
 * A debtor is audited with all its loans and cases, over the same period: one that the debtor's record names
 * and that the bundle leaves out makes the bundle worthless. Who is not on the ledger is there with the proof
 * of that: nothing can have happened to it, for the ledger never removes a subject.
 */

import { EMPTY, readChain, verifyPeriod } from './chain.js';
import { readEvent } from './event.js';
import { subjectKey, subjectText } from './ids.js';
import { AUDIT_SUBJECTS_MAX } from './limits.js';
import { chainOf, objectOf, readObject, verifyObject } from './object.js';
import { Refusal } from './refusal.js';
import { fixed, required } from './wire.js';

/** The subject of an object that has a history. */
export function historian(object) {
  if (object.key.subject === null) throw new Refusal('no-history', { found: object.key.text });
  return object.key.subject;
}

/**
 * Checks the form of a decoded `AuditBundle`.
 * @param {any} message
 */
export function readAudit({ periods }) {
  if (periods.length < 1 || periods.length > AUDIT_SUBJECTS_MAX) {
    throw new Refusal('range', { field: 'audit.periods', reason: 'a bundle is about 1 to 1,024 subjects' });
  }
  const optional = (bytes) => (bytes.length === 0 ? null : readEvent(bytes));
  return periods.map((proof) => {
    const object = readObject(required('subject', proof.subject));
    return {
      object,
      subject: historian(object),
      fromMs: proof.fromMs,
      toMs: proof.toMs,
      start: proof.start === null ? EMPTY : readChain(proof.start),
      before: optional(proof.before),
      events: proof.events.map(readEvent),
      after: optional(proof.after),
      later: proof.later.map((hash) => fixed('later', hash, 32)),
    };
  });
}

/**
 * Verifies every part, and that each debtor is there with all its loans and cases.
 * @param {ReturnType<typeof readAudit>} periods
 * @param {import('./finality.js').Trust} trust
 * @param {import('./steps.js').Steps} steps
 * @returns {Promise<import('./finality.js').Finality[]>} of each part
 */
export async function verifyAudit(periods, trust, steps) {
  const finalities = [];
  for (const period of periods) {
    const finality = await verifyObject(period.object, trust, steps);
    await steps.run('complete', () => verifyPeriod(period, chainOf(period.object), finality.header.timeMs));
    finalities.push(finality);
  }
  await steps.run('together', () => verifyWhole(periods));
  return finalities;
}

/** Nothing is there twice, and nothing of a debtor is left out. */
function verifyWhole(periods) {
  const bySubject = new Map();
  for (const period of periods) {
    const key = subjectKey(period.subject);
    if (bySubject.has(key)) throw new Refusal('doubled', { subject: subjectText(period.subject) });
    bySubject.set(key, period);
  }
  for (const period of periods) {
    if (period.subject.kind !== 'debtor') continue;
    for (const missing of namedBy(period)) {
      const there = bySubject.get(subjectKey(missing));
      if (there === undefined || there.fromMs > period.fromMs || period.toMs > there.toMs) {
        throw new Refusal('omitted', { debtor: subjectText(period.subject), missing: subjectText(missing) });
      }
    }
  }
}

/** Where the event of each kind names a loan or a case of the debtor. */
const NAMES = {
  loanOriginated: (v) => [['loan', v.loan]],
  loanEntry: (v) => [['loan', v.loan]],
  loanModified: (v) => [['loan', v.loan]],
  lossShared: (v) => [['loan', v.loan]],
  debtAssigned: (v) => [['loan', v.loan]],
  creditFurnished: (v) => [['loan', v.loan]],
  loanPaused: (v) => [['loan', v.loan]],
  loanResumed: (v) => [['loan', v.loan]],
  casePlaced: (v) => [...v.placed.loans.map((loan) => ['loan', loan]), ['case', v.case]],
  caseRecalled: (v) => [['case', v.case]],
  noticeServed: (v) => [['case', v.notice.case]],
  contactPermitted: (v) => [['loan', v.request.loan], ['case', v.request.case]],
  contactRevoked: (v) => [['case', v.case]],
  contactClosed: (v) => [['case', v.case]],
  breach: (v) => [['case', v.case]],
  promiseMade: (v) => [['loan', v.loan]],
  promiseEnded: (v) => [['loan', v.loan]],
  planAgreed: (v) => [['loan', v.loan]],
  disputeOpened: (v) => [['loan', v.loan]],
  disputeResolved: (v) => [['loan', v.loan]],
  protectionChanged: (v) => [['loan', v.set.loan]],
  // What a report names is the debtor's word: it need not be on the ledger.
};

/** The loans and cases that a debtor's object and the events of the period name. */
function namedBy({ object, events }) {
  const debtor = objectOf(object);
  const named = [
    ...(debtor?.loans ?? []).map((id) => ['loan', id]),
    ...(debtor?.cases ?? []).map((id) => ['case', id]),
    ...events.flatMap(({ detail }) => NAMES[detail.kind]?.(detail.value) ?? []),
  ];
  return named.filter(([, id]) => id.length > 0).map(([kind, id]) => ({ kind, id: fixed(`event.${kind}`, id, 16) }));
}
