/**
 * Canonical protobuf: reads and writes the messages of schemas.js in the one encoding that the network
 * accepts. Fields in ascending order, shortest numbers, no default values, nothing unknown, nothing after
 * the end; so two byte strings never mean the same message, and a hash of the bytes is a hash of the
 * meaning.
 *
 * What is read: 64-bit numbers as BigInt, 32-bit ones as Number, enumerations as their names, bytes as views
 * of the input, a choice (oneof) as `{ kind, value }` or `null`, a message that is not there as `null`.
 * Every message carries its own bytes under the symbol `BYTES`.
 */

import { concat, join, utf8 } from './bytes.js';
import { BYTES_PER_LIST_ENTRY, LIST_ENTRIES_FREE, LIST_MAX, MESSAGE_DEPTH_MAX } from './limits.js';
import { Refusal } from './refusal.js';
import { ENUMS, MESSAGES } from './schemas.js';

/** The canonical bytes of a message that was read. */
export const BYTES = Symbol('bytes');

/**
 * @typedef {object} Field
 * @property {number} number
 * @property {string} name
 * @property {string} type
 * @property {boolean} list
 * @property {string} choice name of the oneof, or empty
 */

/** @type {Map<string, { fields: Field[], byNumber: Map<number, Field> }>} */
const SCHEMAS = new Map(Object.entries(MESSAGES).map(([name, lines]) => {
  const fields = lines.map((line) => {
    const [number, own, type, choice = ''] = line.split(' ');
    const list = type.endsWith('[]');
    return { number: Number(number), name: own, type: list ? type.slice(0, -2) : type, list, choice: choice.slice(1) };
  });
  return [name, { fields, byNumber: new Map(fields.map((field) => [field.number, field])) }];
}));

const VARINT = 0;
const LENGTH_DELIMITED = 2;

const isMessage = (type) => SCHEMAS.has(type);
const isNumber = (type) => type === 'uint32' || type === 'uint64' || type === 'bool' || type in ENUMS;

/** Text must be UTF-8; a byte order mark is a character like any other. */
const TEXT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads one message after the other out of one byte string. */
class Reader {
  constructor(what, bytes) {
    this.what = what;
    this.bytes = bytes;
    // An entry takes two bytes in the file and a hundred in memory.
    this.entriesLeft = LIST_ENTRIES_FREE + bytes.length / BYTES_PER_LIST_ENTRY;
  }

  malformed(reason) {
    return new Refusal('malformed', { what: this.what, reason });
  }

  notCanonical(reason) {
    return new Refusal('not-canonical', { what: this.what, reason });
  }

  /** A number of at most 64 bits at `at`; gives it and where it ends. */
  varint(at, end) {
    let low = 0;
    for (let place = 0; place < 10; place += 1) {
      if (at + place >= end) throw this.malformed('a number is cut short');
      const byte = this.bytes[at + place];
      if (byte < 0x80) {
        if (byte === 0 && place > 0) throw this.notCanonical('a number is longer than it need be');
        const after = at + place + 1;
        if (place < 7) return { value: low + byte * 2 ** (7 * place), big: undefined, at: after };
        return { value: Number.NaN, big: this.large(at, place), at: after };
      }
      if (place < 7) low += (byte & 0x7f) * 2 ** (7 * place);
    }
    throw this.malformed('a number has more than 64 bits');
  }

  large(at, last) {
    let number = 0n;
    for (let place = last; place >= 0; place -= 1) number = (number << 7n) | BigInt(this.bytes[at + place] & 0x7f);
    if (number >> 64n !== 0n) throw this.malformed('a number has more than 64 bits');
    return number;
  }

  /** The value of a number field. */
  number(type, found) {
    if (type === 'uint64') return found.big ?? BigInt(found.value);
    const value = found.big === undefined ? found.value : Infinity;
    if (type === 'bool') {
      if (value > 1) throw this.notCanonical('a truth value is neither 0 nor 1');
      return value === 1;
    }
    if (type === 'uint32') {
      if (value > 0xffff_ffff) throw this.notCanonical('a number has more than 32 bits');
      return value;
    }
    const name = ENUMS[type][value];
    if (name === undefined) throw new Refusal('range', { field: `${this.what}: ${type}`, reason: 'no value has this number' });
    return name;
  }

  /** The numbers of a packed list. */
  packed(type, from, to) {
    const list = [];
    for (let at = from; at < to;) {
      const found = this.varint(at, to);
      list.push(this.number(type, found));
      at = found.at;
    }
    return list;
  }

  /** What a length-delimited field holds. */
  payload(field, from, to, depth) {
    if (isMessage(field.type)) return this.message(field.type, from, to, depth - 1);
    const bytes = this.bytes.subarray(from, to);
    if (field.type === 'bytes') return bytes;
    try {
      return TEXT.decode(bytes);
    } catch {
      throw this.malformed(`${field.name} is not text`);
    }
  }

  message(name, from, end, depth) {
    if (depth < 0) throw this.malformed('messages are nested too deeply');
    const { fields, byNumber } = SCHEMAS.get(name);
    const message = blank(fields);
    Object.defineProperty(message, BYTES, { value: this.bytes.subarray(from, end) });
    let last = 0;
    for (let at = from; at < end;) {
      const tag = this.varint(at, end);
      const key = tag.value;
      if (!(key <= 0xffff_ffff)) throw this.malformed('a field has no valid number');
      const number = Math.floor(key / 8);
      const wire = key % 8;
      const field = byNumber.get(number);
      if (field === undefined) throw this.notCanonical(`${name} has no field ${number}`);
      const isPacked = field.list && isNumber(field.type);
      const expected = isNumber(field.type) && !isPacked ? VARINT : LENGTH_DELIMITED;
      if (wire !== expected) throw this.malformed(`field ${field.name} of ${name} is of another kind`);
      const repeats = number === last && field.list && !isPacked;
      if (number <= last && !repeats) throw this.notCanonical(`field ${field.name} of ${name} is out of order or doubled`);
      last = number;
      const head = this.varint(tag.at, end);
      at = head.at;
      let value;
      if (expected === VARINT) {
        value = this.number(field.type, head);
      } else {
        const to = at + head.value;
        if (!(to <= end)) throw this.malformed(`field ${field.name} of ${name} is cut short`);
        value = isPacked ? this.packed(field.type, at, to) : this.payload(field, at, to, depth);
        at = to;
      }
      this.put(name, message, field, value, isPacked);
    }
    return message;
  }

  put(name, message, field, value, isPacked) {
    if (field.choice !== '') {
      if (message[field.choice] !== null) throw this.notCanonical(`${name}.${field.choice} is there twice`);
      message[field.choice] = { kind: field.name, value };
      return;
    }
    if (isPacked) {
      if (value.length === 0) throw this.notCanonical(`${name}.${field.name} is written out though it is empty`);
      message[field.name] = value;
    } else if (field.list) {
      const list = message[field.name];
      if (list.length >= (LIST_MAX[`${name}.${field.name}`] ?? Infinity)) {
        throw new Refusal('range', { field: `${name}.${field.name}`, reason: 'too many entries' });
      }
      this.entriesLeft -= 1;
      if (this.entriesLeft < 0) {
        throw new Refusal('range', { field: this.what, reason: 'its lists have more entries than its length justifies' });
      }
      list.push(value);
    } else {
      if (!isMessage(field.type) && isDefault(field.type, value)) {
        throw this.notCanonical(`${name}.${field.name} is written out though it is empty or zero`);
      }
      message[field.name] = value;
    }
  }
}

function isDefault(type, value) {
  if (type === 'bytes' || type === 'string') return value.length === 0;
  return value === defaultOf(type);
}

function defaultOf(type) {
  if (type === 'uint64') return 0n;
  if (type === 'uint32') return 0;
  if (type === 'bool') return false;
  if (type === 'string') return '';
  if (type in ENUMS) return ENUMS[type][0];
  return null;
}

/** A message in which no field is set. */
function blank(fields) {
  const message = {};
  for (const field of fields) {
    if (field.choice !== '') message[field.choice] = null;
    else if (field.list) message[field.name] = [];
    else message[field.name] = field.type === 'bytes' ? new Uint8Array(0) : defaultOf(field.type);
  }
  return message;
}

/**
 * Reads a message.
 * @param {string} name its name in schemas.js
 * @param {Uint8Array} bytes all of its bytes
 * @param {{ what?: string, max?: number }} [options] what it is called in refusals; most bytes
 * @returns {any}
 * @throws {Refusal} `too-large`, `malformed`, `not-canonical`, `range`
 */
export function decode(name, bytes, { what = name, max = Infinity } = {}) {
  if (bytes.length > max) throw new Refusal('too-large', { what, bytes: bytes.length, max });
  return new Reader(what, bytes).message(name, 0, bytes.length, MESSAGE_DEPTH_MAX);
}

/** A number of up to 64 bits. @param {number | bigint} number @returns {Uint8Array} */
function varint(number) {
  const bytes = [];
  let rest = BigInt(number);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

function encodeOne(type, value) {
  if (isMessage(type)) value = encode(type, value);
  else if (type === 'string') value = utf8(value);
  if (value instanceof Uint8Array) return concat(varint(value.length), value);
  return varint(type in ENUMS ? ENUMS[type].indexOf(value) : Number.isInteger(value) ? value : BigInt(value));
}

/**
 * Writes a message canonically. Fields that are not given are not set.
 * @param {string} name its name in schemas.js
 * @param {any} message in the form that `decode` gives
 * @returns {Uint8Array}
 */
export function encode(name, message) {
  const parts = [];
  for (const { number, name: own, type, list, choice } of SCHEMAS.get(name).fields) {
    const packed = list && isNumber(type);
    const wire = isNumber(type) && !packed ? VARINT : LENGTH_DELIMITED;
    const tag = varint(number * 8 + wire);
    if (choice !== '') {
      const chosen = message[choice];
      if (chosen?.kind === own) parts.push(tag, encodeOne(type, chosen.value));
      continue;
    }
    const value = message[own];
    if (value === undefined || value === null) continue;
    if (packed) {
      const numbers = join(value.map((one) => encodeOne(type, one)));
      if (numbers.length > 0) parts.push(tag, varint(numbers.length), numbers);
    } else if (list) {
      for (const one of value) parts.push(tag, encodeOne(type, one));
    } else if (isMessage(type) || !isDefault(type, value)) {
      parts.push(tag, encodeOne(type, value));
    }
  }
  return join(parts);
}

/**
 * A field of fixed size.
 * @param {string} field its name in refusals
 * @param {Uint8Array} bytes
 * @param {number} expected bytes
 * @returns {Uint8Array} the same bytes
 */
export function fixed(field, bytes, expected) {
  if (bytes.length !== expected) throw new Refusal('length', { field, expected, found: bytes.length });
  return bytes;
}

/** A field of fixed size that may be empty. */
export function fixedOrEmpty(field, bytes, expected) {
  return bytes.length === 0 ? bytes : fixed(field, bytes, expected);
}

/** A message that must be there. */
export function required(field, value) {
  if (value === null) throw new Refusal('missing', { field });
  return value;
}
