/**
 * Validators, the sets that decide heights, and what a quorum is.
 */

import { compare, toHex } from './bytes.js';
import { tagged } from './hash.js';
import { validatorId } from './ids.js';
import { NAME_BYTES_MAX, VALIDATORS_MAX, VOTING_POWER_MAX } from './limits.js';
import { Refusal } from './refusal.js';
import { encode, fixed, required } from './wire.js';

/**
 * @typedef {object} Validator
 * @property {Uint8Array} id follows from the voting key
 * @property {Uint8Array} participant who runs it
 * @property {Uint8Array} votingKey
 * @property {Uint8Array} networkKey
 * @property {bigint} power
 * @property {string} name
 */

/**
 * @typedef {object} ValidatorSet
 * @property {Validator[]} validators ascending by id; never empty
 * @property {Map<string, Validator>} byId by the hexadecimal of the id
 * @property {bigint} totalPower
 * @property {Uint8Array} hash what headers commit to
 */

/** Whether a text is a short name: lower-case letters, digits and hyphens. @param {string} name */
export function isShortName(name) {
  return name.length <= NAME_BYTES_MAX && /^[a-z0-9-]+$/.test(name);
}

/**
 * A set of these decoded validators, in any order.
 * @param {any[]} list
 * @returns {ValidatorSet}
 */
export function validatorSet(list) {
  if (list.length === 0) throw new Refusal('missing', { field: 'validators' });
  const unique = () => new Refusal('range', {
    field: 'validators', reason: `at most ${VALIDATORS_MAX}, each with its own voting key, network key and name`,
  });
  if (list.length > VALIDATORS_MAX) throw unique();
  const byId = new Map();
  const taken = new Set();
  for (const one of list) {
    fixed('validator.participant', one.participant, 16);
    fixed('validator.votingKey', one.votingKey, 32);
    fixed('validator.networkKey', one.networkKey, 32);
    if (one.power < 1n || one.power > VOTING_POWER_MAX) {
      throw new Refusal('range', { field: 'validator.power', reason: '1 to 2^32' });
    }
    if (!isShortName(one.name)) {
      throw new Refusal('text', { field: 'validator.name', reason: '1 to 32 lower-case letters, digits and hyphens' });
    }
    const id = validatorId(one.votingKey);
    for (const key of [toHex(id), `name ${one.name}`, `network ${toHex(one.networkKey)}`]) {
      if (taken.has(key)) throw unique();
      taken.add(key);
    }
    byId.set(toHex(id), { ...one, id });
  }
  const validators = [...byId.values()].sort((a, b) => compare(a.id, b.id));
  const totalPower = validators.reduce((sum, one) => sum + one.power, 0n);
  return { validators, byId, totalPower, hash: tagged('talea/validator-set/v1', encode('ValidatorSet', { validators })) };
}

/**
 * The set of a decoded message, which lists it in order.
 * @param {any} message
 * @returns {ValidatorSet}
 */
export function readValidatorSet(message) {
  const list = required('finality.next', message).validators;
  const set = validatorSet(list);
  set.validators.forEach((one, place) => {
    if (compare(one.votingKey, list[place].votingKey) !== 0) throw new Refusal('order', { field: 'validators' });
  });
  return set;
}

/** Whether this much power is a quorum: more than two thirds. @param {ValidatorSet} set @param {bigint} power */
export function isQuorum(set, power) {
  return power * 3n > set.totalPower * 2n;
}
