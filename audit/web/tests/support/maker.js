// Makes small networks and proof files of its own, with keys of its own: what cannot be had from golden
// files, because their keys are not here. Certificates over lies, quorums that are none, sets that change.

import { compare, concat, toHex } from '../../verify/bytes.js';
import { signedVote } from '../../verify/certificate.js';
import { EMPTY, append } from '../../verify/chain.js';
import { ZERO, mapLeaf, mapNode, tagged } from '../../verify/hash.js';
import { participantId } from '../../verify/ids.js';
import { listRootOf } from '../../verify/merkle.js';
import { readStateKey } from '../../verify/state_key.js';
import { validatorSet } from '../../verify/validators.js';
import { encode } from '../../verify/wire.js';

export const START_MS = 1_800_000_000_000n;
const fill = (byte, length = 16) => new Uint8Array(length).fill(byte);

/** A validator with its secret key. */
async function makeValidator(name, power) {
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  const votingKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const networkKey = tagged(`network key of ${name}`);
  return { name, power, votingKey, networkKey, participant: participantId(name), secret: pair.privateKey };
}

/** Validators `v1`, `v2`, ... of these powers. */
export async function makeValidators(...powers) {
  return Promise.all(powers.map((power, index) => makeValidator(`v${index + 1}-${powers.length}`, BigInt(power))));
}

/** A compact sparse tree over `[path, value hash]`. */
class Tree {
  constructor(leaves, depth = 0) {
    this.leaves = leaves;
    if (leaves.length > 1) {
      const right = ([path]) => (path[depth >> 3] >> (7 - (depth & 7))) & 1;
      this.children = [0, 1].map((side) => new Tree(leaves.filter((leaf) => right(leaf) === side), depth + 1));
    }
  }

  get root() {
    if (this.leaves.length === 0) return ZERO;
    if (this.leaves.length === 1) return mapLeaf(...this.leaves[0]);
    return mapNode(this.children[0].root, this.children[1].root);
  }

  /** The proof of what is, or is not, at a path. */
  prove(path, depth = 0) {
    if (this.leaves.length < 2) {
      const [leaf] = this.leaves;
      return { siblings: [], terminal: leaf === undefined ? null : { path: leaf[0], valueHash: leaf[1] } };
    }
    const side = (path[depth >> 3] >> (7 - (depth & 7))) & 1;
    const sibling = this.children[1 - side];
    const below = this.children[side].prove(path, depth + 1);
    return { ...below, siblings: [sibling.leaves.length === 0 ? new Uint8Array(0) : sibling.root, ...below.siblings] };
  }
}

/** Where a history ends. */
export const chainOfEvents = (events) => events.reduce((chain, bytes) => append(chain, tagged('talea/event/v1', bytes)), EMPTY);
export const chainMessage = ({ head, length }) => (length === 0n ? {} : { head, length });

export class Network {
  /** A network whose first validators are these. */
  constructor(validators) {
    this.first = validators;
    const record = {
      network: 'made-here', sandbox: true, timeMs: START_MS, businessDate: 20_833,
      assets: [{ code: 'CZK', decimals: 2, kind: 'CURRENCY' }],
      validators: validatorSet(validators).validators,
    };
    this.genesis = encode('GenesisRecord', record);
    this.chain = tagged('talea/genesis/v1', this.genesis);
    this.typed = toHex(this.chain);
    this.trust = () => ({ chain: this.chain, validators: validatorSet(validators) });
  }

  header(fields, set = this.first, next = set) {
    return {
      protocolVersion: 1, chainId: this.chain, height: 7n, parent: fill(2, 32), timeMs: START_MS + 7_000n, proposer: fill(3),
      parentRound: 0, parentCertificateHash: fill(4, 32), batchesRoot: fill(5, 32), resultsRoot: fill(6, 32), resultCount: 1,
      stateRoot: fill(7, 32), validatorsHash: validatorSet(set).hash, nextValidatorsHash: validatorSet(next).hash,
      rulePacksHash: fill(8, 32), businessDate: 20_833, ...fields,
    };
  }

  /** A certificate by these signers, ascending. */
  async certify(header, signers = this.first) {
    const certificate = { height: header.height, round: 0, blockHash: tagged('talea/header/v1', encode('BlockHeader', header)) };
    const signatures = await Promise.all(validatorSet(signers).validators.map(async ({ id, secret }) => ({
      validator: id,
      signature: new Uint8Array(await crypto.subtle.sign('Ed25519', secret, signedVote(this.chain, certificate, id))),
    })));
    return { ...certificate, signatures };
  }

  /** Finality of a header with these fields; each change is `{ height, from, to }`. */
  async finality(fields, { changes = [], set = this.first, signers = set } = {}) {
    const setChanges = await Promise.all(changes.map(async ({ height, from, to, signers: by = from }) => {
      const header = this.header({ height }, from, to);
      return { header, certificate: await this.certify(header, by), next: { validators: validatorSet(to).validators } };
    }));
    const header = this.header(fields, set);
    return { setChanges, header, certificate: await this.certify(header, signers) };
  }

  /** Proofs of objects: `[key message, bytes]`, in the state of one header. */
  async objects(list, options = {}) {
    const leaves = list.map(([key, value]) => [readStateKey(key).path, tagged('talea/state-value/v1', value)]);
    const tree = new Tree(leaves);
    const finality = await this.finality({ stateRoot: tree.root, ...options.fields }, options);
    return (key) => {
      const found = list.find(([own]) => compare(readStateKey(own).path, readStateKey(key).path) === 0);
      return { key, value: found?.[1] ?? new Uint8Array(0), proof: { map: tree.prove(readStateKey(key).path), finality } };
    };
  }

  /** A receipt for one of several results. */
  async receipt(results, place, prove, options) {
    const bytes = results.map((one) => encode('TransactionResult', one));
    const leaves = bytes.map((one) => tagged('talea/result/v1', one));
    const finality = await this.finality({ resultsRoot: listRootOf(leaves), resultCount: leaves.length }, options);
    return { result: results[place], inclusion: prove(leaves, place), finality };
  }
}

/** An event of a subject, as bytes. */
export function event({ kind, id }, sequence, timeMs, detail = { kind: 'clockAdvanced', value: { byMs: BigInt(sequence) + 1n } }) {
  const own = { kind, value: id };
  const choice = kind === 'account' || kind === 'participant' ? { subject: own } : { record: own };
  return encode('Event', { ...choice, sequence: BigInt(sequence), height: 5n, timeMs, detail });
}

const keys = () => ({ current: { threshold: 1, keys: [fill(9, 32)] } });

/** The object of an account, a debtor, a loan or a case with this history, as bytes. */
export function subjectObject(kind, events, { loans = [], cases = [] } = {}) {
  const chain = chainMessage(chainOfEvents(events));
  switch (kind) {
    case 'account': return encode('Account', { kind: 'WALLET', sponsor: fill(1), keys: keys(), events: chain });
    case 'debtor': return encode('Debtor', { loans, cases, events: chain });
    case 'loan': return encode('Loan', { events: chain });
    case 'case': return encode('CollectionCase', { events: chain });
    default: throw new Error(`no object for ${kind}`);
  }
}

/** The key of a subject's object. */
export const keyOf = ({ kind, id }) => ({ kind: { kind, value: id } });

/** A part of a history, cut as `talea audit` cuts it. */
export function cut(events, times, fromMs, toMs) {
  const first = times.filter((time) => time < fromMs).length;
  const end = Math.max(first, times.filter((time) => time < toMs).length);
  const start = chainOfEvents(events.slice(0, Math.max(0, first - 1)));
  return {
    fromMs, toMs,
    start: start.length > 0n ? chainMessage(start) : undefined,
    before: events[first - 1],
    events: events.slice(first, end),
    after: events[end],
    later: events.slice(end + 1).map((bytes) => tagged('talea/event/v1', bytes)),
  };
}

/** A file. */
export const file = (kind, value) => encode('ProofFile', { content: { kind, value } });

/** Bytes with one byte string put in the place of another. */
export function replace(bytes, from, to, length) {
  return concat(bytes.subarray(0, from), to, bytes.subarray(from + length));
}
