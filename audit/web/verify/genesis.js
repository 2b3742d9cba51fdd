/**
 * The genesis document: what the reader trusts, once its hash is the one that the reader typed.
 *
 * The document is text; its canonical record is made here anew, and the record's hash is the network's id.
 * Nothing in it is believed before that hash is right, and then everything that the network's founders
 * signed is. Their signatures, and the rules for founding a network (codes, limits, who may hold what), are
 * therefore not checked again: `talea-genesis validate --complete` does that.
 */

import { compare, equal, fromHex, toHex, utf8 } from './bytes.js';
import { fromDecimal } from './amount.js';
import { tagged } from './hash.js';
import { participantId } from './ids.js';
import {
  ASSET_DECIMALS_MAX, GENESIS_ASSETS_MAX, GENESIS_BYTES_MAX, GENESIS_PARTICIPANTS_MAX, RULE_PACKS_MAX, TIERS_MAX,
  VALIDATORS_MAX,
} from './limits.js';
import { Refusal } from './refusal.js';
import { DAY_MS, parseDate, parseTime } from './time.js';
import { parseToml } from './toml.js';
import { validatorSet } from './validators.js';
import { decode, encode } from './wire.js';

const ASSET_KINDS = { currency: 'CURRENCY', points: 'POINTS', coupon: 'COUPON' };
/** In the order of their numbers. */
const ROLES = {
  operator: 'OPERATOR', bank: 'BANK', merchant: 'MERCHANT_ORGANISATION', collection_agency: 'COLLECTION_AGENCY',
  credit_bureau: 'CREDIT_BUREAU', kyc_provider: 'KYC_PROVIDER', monitor: 'MONITOR', adviser: 'ADVISER',
  authority: 'AUTHORITY', regulator: 'REGULATOR',
};

/** A table of the document, read field by field; what is not read is refused. */
class Terms {
  constructor(table, place) {
    if (!(table instanceof Map)) throw new Refusal('genesis-field', { field: place || 'the document', reason: 'a table is expected' });
    this.left = new Map(table);
    this.place = place;
  }

  name(field) {
    return this.place ? `${this.place}.${field}` : field;
  }

  refuse(field, reason) {
    return new Refusal('genesis-field', { field: this.name(field), reason });
  }

  take(field, fits, reason, fallback) {
    const value = this.left.get(field);
    this.left.delete(field);
    if (value === undefined && fallback !== undefined) return fallback;
    if (!fits(value)) throw this.refuse(field, reason);
    return value;
  }

  text(field, fallback) {
    return this.take(field, (value) => typeof value === 'string', 'a text is expected', fallback);
  }

  truth(field) {
    return this.take(field, (value) => typeof value === 'boolean', 'true or false is expected');
  }

  number(field, max) {
    const fits = (value) => typeof value === 'bigint' && value >= 0n && value <= max;
    return this.take(field, fits, `a whole number of at most ${max} is expected`);
  }

  list(field, max, required = false) {
    const fits = (value) => Array.isArray(value) && value.length <= max;
    return this.take(field, fits, `a list of at most ${max} is expected`, required ? undefined : []);
  }

  tables(field, max, required) {
    return this.list(field, max, required).map((table, index) => new Terms(table, `${this.name(field)}[${index}]`));
  }

  texts(field, max) {
    const list = this.list(field, max, true);
    if (!list.every((one) => typeof one === 'string')) throw this.refuse(field, 'a list of texts is expected');
    return list;
  }

  bytes(field, length) {
    const bytes = fromHex(this.text(field));
    if (bytes === null || bytes.length !== length) throw this.refuse(field, `${length} bytes in lower-case hexadecimal are expected`);
    return bytes;
  }

  amount(field, decimals) {
    const amount = fromDecimal(this.text(field), decimals);
    if (amount === null || amount === 0n) throw this.refuse(field, `an amount above zero with at most ${decimals} decimals is expected`);
    return amount;
  }

  date(field) {
    const days = parseDate(this.text(field));
    if (days === null) throw this.refuse(field, 'a date such as 2026-11-22 is expected');
    return days;
  }

  word(field, words, text = this.text(field)) {
    if (!Object.hasOwn(words, text)) throw this.refuse(field, `one of ${Object.keys(words).join(', ')} is expected`);
    return words[text];
  }

  /** Refuses what was not read. */
  done() {
    for (const field of this.left.keys()) throw this.refuse(field, 'nothing of this name belongs here');
  }
}

/** Codes of assets sort by length first. */
const compareAssets = (a, b) => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
const compareTexts = (a, b) => compare(utf8(a), utf8(b));

/** Sorted, and refused when two are the same. */
function ascending(list, field, order) {
  const sorted = [...list].sort(order);
  if (sorted.some((one, index) => index > 0 && order(sorted[index - 1], one) === 0)) {
    throw new Refusal('genesis-field', { field, reason: 'two entries are the same' });
  }
  return sorted;
}

function read(all, field, max, one, required) {
  return all.tables(field, max, required).map((terms) => {
    const value = one(terms);
    terms.done();
    return value;
  });
}

/**
 * The canonical record of a genesis document.
 * @param {string} text
 * @returns {any} a `GenesisRecord`
 */
export function genesisRecord(text) {
  const all = new Terms(parseToml(text), '');
  if (all.number('format', 2n ** 32n) !== 1n) throw all.refuse('format', 'this page reads version 1');
  const network = new Terms(all.left.get('network'), 'network');
  all.left.delete('network');
  const timeMs = parseTime(network.text('time'));
  if (timeMs === null) throw network.refuse('time', 'a time such as 2026-11-22T00:00:00Z is expected');
  const record = {
    network: network.text('name'),
    sandbox: network.truth('sandbox'),
    timeMs,
    businessDate: network.date('business_date'),
  };
  network.done();
  const assets = read(all, 'assets', GENESIS_ASSETS_MAX, (terms) => ({
    code: terms.text('code'),
    decimals: Number(terms.number('decimals', BigInt(ASSET_DECIMALS_MAX))),
    kind: terms.word('kind', ASSET_KINDS),
  }));
  const decimals = new Map(assets.map((one) => [one.code, one.decimals]));
  const decimalsOf = (terms, asset) => {
    if (!decimals.has(asset)) throw terms.refuse('asset', 'it is not an asset of this network');
    return decimals.get(asset);
  };
  record.assets = ascending(assets, 'assets', (a, b) => compareAssets(a.code, b.code));
  record.tiers = read(all, 'tiers', TIERS_MAX, (terms) => ({
    name: terms.text('name'),
    limits: ascending(read(terms, 'limits', GENESIS_ASSETS_MAX, (limit) => {
      const asset = limit.text('asset');
      const places = decimalsOf(limit, asset);
      return {
        asset,
        perTransaction: limit.amount('per_transaction', places),
        perDay: limit.amount('per_day', places),
        perMonth: limit.amount('per_month', places),
      };
    }), `${terms.place}.limits`, (a, b) => compareAssets(a.asset, b.asset)),
  }));
  record.participants = ascending(
    read(all, 'participants', GENESIS_PARTICIPANTS_MAX, participant), 'participants', (a, b) => compareTexts(a.lei, b.lei),
  );
  record.reserves = ascending(
    read(all, 'reserves', GENESIS_PARTICIPANTS_MAX * GENESIS_ASSETS_MAX, (terms) => {
      const asset = terms.text('asset');
      return { participant: participantId(terms.text('participant')), asset, amount: terms.amount('amount', decimalsOf(terms, asset)) };
    }), 'reserves', (a, b) => compare(a.participant, b.participant) || compareAssets(a.asset, b.asset),
  );
  const validators = read(all, 'validators', VALIDATORS_MAX, (terms) => ({
    participant: participantId(terms.text('participant')),
    name: terms.text('name'),
    votingKey: terms.bytes('voting_key', 32),
    networkKey: terms.bytes('network_key', 32),
    power: terms.number('power', 2n ** 64n),
  }), true);
  record.validators = validatorSet(validators).validators;
  record.rulePacks = ascending(read(all, 'rule_packs', RULE_PACKS_MAX, (terms) => ({
    pack: terms.text('id'),
    version: Number(terms.number('version', 0xffff_ffffn)),
    document: rulePackBytes(terms),
  })), 'rule_packs', (a, b) => compareTexts(a.pack, b.pack));
  // Signatures are not part of the record.
  for (const field of ['contributions', 'approvals']) all.list(field, GENESIS_PARTICIPANTS_MAX);
  all.done();
  return record;
}

function participant(terms) {
  const lei = terms.text('lei');
  const names = terms.texts('roles', Object.keys(ROLES).length);
  const roles = ascending(
    names.map((name) => terms.word('roles', ROLES, name)), `${terms.place}.roles`,
    (a, b) => Object.values(ROLES).indexOf(a) - Object.values(ROLES).indexOf(b),
  );
  const policy = new Terms(terms.left.get('policy'), `${terms.place}.policy`);
  terms.left.delete('policy');
  const keys = policy.texts('keys', 64).map((text) => {
    const key = fromHex(text);
    if (key === null || key.length !== 32) throw policy.refuse('keys', '32 bytes in lower-case hexadecimal are expected');
    return key;
  });
  const threshold = Number(policy.number('threshold', 0xffff_ffffn));
  policy.done();
  return {
    lei,
    bic: terms.text('bic', ''),
    name: terms.text('name'),
    jurisdiction: terms.text('jurisdiction'),
    roles,
    policy: { threshold, keys: ascending(keys, `${terms.place}.policy.keys`, compare) },
    // A licence holds to the end of its last day.
    licenceExpiresAtMs: terms.left.has('licence_expires') ? BigInt(terms.date('licence_expires') + 1) * DAY_MS : 0n,
    evaluatedOn: terms.left.has('evaluated') ? terms.date('evaluated') : 0,
  };
}

function rulePackBytes(terms) {
  const bytes = fromHex(terms.text('document').toLowerCase());
  if (bytes === null || bytes.length === 0) throw terms.refuse('document', 'the hexadecimal text of a document is expected');
  return bytes;
}

/**
 * What a genesis document gives to those who trust its hash.
 * @typedef {object} Genesis
 * @property {Uint8Array} chain the network's id
 * @property {string} network its name
 * @property {boolean} sandbox a network for trials
 * @property {import('./validators.js').ValidatorSet} validators of the first block
 * @property {Map<string, number>} decimals of each asset
 * @property {Map<string, string>} organisations names, by the hexadecimal of the id
 * @property {Map<string, any>} rules rules in force from the first block, by the name that results and events cite
 */

/** The id that the reader typed; blanks around it do no harm. @param {string} typed @returns {Uint8Array} */
export function typedHash(typed) {
  const hash = fromHex(typed.trim().toLowerCase());
  if (hash === null || hash.length !== 32) throw new Refusal('hash-form');
  return hash;
}

/**
 * Reads a genesis document, and refuses it unless its hash is the one that the reader typed.
 * @param {Uint8Array} document the bytes of the TOML text, or of the canonical record
 * @param {string} typed the network's id, hexadecimal
 * @returns {Genesis}
 */
export function readGenesis(document, typed) {
  const expected = typedHash(typed);
  if (document.length > GENESIS_BYTES_MAX) {
    throw new Refusal('too-large', { what: 'the genesis document', bytes: document.length, max: GENESIS_BYTES_MAX });
  }
  // The canonical record itself will do too; it needs no reading to be recognised.
  const isRecord = equal(tagged('talea/genesis/v1', document), expected);
  const bytes = isRecord ? document : encode('GenesisRecord', genesisRecord(textOf(document)));
  const chain = tagged('talea/genesis/v1', bytes);
  if (!equal(chain, expected)) throw new Refusal('genesis-other', { found: toHex(chain) });
  const record = decode('GenesisRecord', bytes, { what: 'the genesis record' });
  return {
    chain,
    network: record.network,
    sandbox: record.sandbox,
    validators: validatorSet(record.validators),
    decimals: new Map(record.assets.map((one) => [one.code, one.decimals])),
    organisations: new Map(record.participants.map((one) => [toHex(participantId(one.lei)), one.name])),
    rules: rulesOf(record.rulePacks),
  };
}

function textOf(document) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(document);
  } catch {
    throw new Refusal('genesis-syntax', { line: 1, reason: 'it is not text' });
  }
}

/** Every rule of the packs, by the name under which results and events cite it: id, `@`, version of the pack. */
function rulesOf(packs) {
  const rules = new Map();
  for (const { document } of packs) {
    const pack = decode('RulePack', document, { what: 'a rule pack' });
    for (const rule of pack.rules) rules.set(`${rule.id}@${pack.version}`, { ...rule, pack: pack.title });
  }
  return rules;
}
