/**
 * A whole proof file, as `talea receipt get`, `talea account show`, `talea account events` and `talea audit`
 * write it, against the network's id that the reader typed: what it proves, or the first thing
 * that is wrong with it.
 *
 * Nothing is asked of any server. Nothing of the file is shown as true before every step holds.
 */

import { historian, readAudit, verifyAudit } from './audit.js';
import { verifyHistory } from './chain.js';
import { readEvent } from './event.js';
import { readGenesis } from './genesis.js';
import { PROOF_FILE_BYTES_MAX } from './limits.js';
import { chainOf, isAbsence, objectOf, readObject, verifyObject } from './object.js';
import { readReceipt, verifyReceipt } from './receipt.js';
import { Refusal } from './refusal.js';
import { Steps } from './steps.js';
import { decode, required } from './wire.js';

/**
 * A statement that the file proves.
 * @typedef {{ claim: 'receipt', id: Uint8Array, outcome: import('./outcomes.js').Outcome, rules: string[],
 *   transaction: import('./transaction.js').Transaction | null, finality: import('./finality.js').Finality }
 * | { claim: 'object', key: import('./state_key.js').StateKey, absent: boolean, object: any,
 *   finality: import('./finality.js').Finality }
 * | { claim: 'history', subject: import('./ids.js').Subject, events: import('./event.js').Event[],
 *   finality: import('./finality.js').Finality }
 * | { claim: 'period', subject: import('./ids.js').Subject, fromMs: bigint, toMs: bigint, absent: boolean,
 *   events: import('./event.js').Event[], finality: import('./finality.js').Finality }} Statement
 */

/**
 * The verdict.
 * @typedef {object} Report
 * @property {boolean} verified whether every step holds
 * @property {import('./steps.js').Step[]} steps what was checked, in order; the last one is the one that does not hold
 * @property {import('./genesis.js').Genesis | null} genesis `null` when it was refused
 * @property {Statement[]} statements what is proved; empty unless everything is
 * @property {Refusal | null} refusal the first thing that is wrong
 */

/**
 * Verifies a proof file.
 * @param {Uint8Array} file its bytes
 * @param {Uint8Array} document the bytes of the network's genesis document, from anywhere
 * @param {string} typed the network's id, from somewhere the reader trusts
 * @returns {Promise<Report>}
 */
export async function verifyBundle(file, document, typed) {
  const steps = new Steps();
  /** @type {Report} */
  const report = { verified: false, steps: steps.list, genesis: null, statements: [], refusal: null };
  try {
    report.genesis = await steps.run('genesis', () => readGenesis(document, typed));
    const proof = await steps.run('file', () => readProof(file));
    const { chain, validators } = report.genesis;
    report.statements = await proof({ chain, validators }, steps);
    report.verified = true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    report.refusal = error;
  }
  return report;
}

/**
 * Reads a proof file; nothing is verified yet.
 * @param {Uint8Array} bytes
 * @returns {(trust: import('./finality.js').Trust, steps: Steps) => Promise<Statement[]>} what verifies it
 */
export function readProof(bytes) {
  const { content } = decode('ProofFile', bytes, { what: 'the file', max: PROOF_FILE_BYTES_MAX });
  const { kind, value } = required('content', content);
  return READERS[kind](value);
}

const READERS = {
  receipt(message) {
    const receipt = readReceipt(message);
    return async (trust, steps) => {
      const { finality, transaction } = await verifyReceipt(receipt, trust, steps);
      const { id, outcome, rules } = receipt;
      return [{ claim: 'receipt', id, outcome, rules, transaction, finality }];
    };
  },

  object(message) {
    const object = readObject(message);
    return async (trust, steps) => {
      const finality = await verifyObject(object, trust, steps);
      return [{ claim: 'object', key: object.key, absent: isAbsence(object), object: objectOf(object), finality }];
    };
  },

  history(message) {
    const object = readObject(required('subject', message.subject));
    const subject = historian(object);
    const events = message.events.map(readEvent);
    return async (trust, steps) => {
      const finality = await verifyObject(object, trust, steps);
      await steps.run('complete', () => verifyHistory(subject, events, chainOf(object)));
      return [{ claim: 'history', subject, events, finality }];
    };
  },

  audit(message) {
    const periods = readAudit(message);
    return async (trust, steps) => {
      const finalities = await verifyAudit(periods, trust, steps);
      return periods.map(({ subject, fromMs, toMs, events, object }, place) => ({
        claim: 'period', subject, fromMs, toMs, absent: isAbsence(object), events, finality: finalities[place],
      }));
    };
  },
};
