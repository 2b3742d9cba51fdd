// Writes ../verify/schemas.js from the contract in proto/, and ../verify/outcomes.js from the public list of
// outcomes: `node audit/web/tools/make_schemas.mjs`. A test runs it with `--check` and fails when a file is
// not what its source says; the wording of outcomes, which may be improved at any time, does not count.

import { readFileSync, writeFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const proto = new URL('../../../proto/talea/', import.meta.url);
const list = new URL('../../../ledger/README.md', import.meta.url);
const verify = new URL('../verify/', import.meta.url);

/** What is decoded as a whole; all that it holds comes with it. */
const ROOTS = [
  'ProofFile', 'Event', 'SignedTransaction', 'TransactionBody', 'ReaderToken', 'ReaderStatement', 'GenesisRecord', 'Vote', 'RulePack',
  'Account', 'Participant', 'Hold', 'RefundRight', 'Position', 'AssetTotals', 'Network', 'LedgerClock',
  'ValidatorSchedule', 'Debtor', 'CollectionCase', 'Permit', 'ContactTallies', 'Complaint', 'PaymentPromise', 'Loan',
];
const SCALARS = new Set(['bytes', 'string', 'bool', 'uint32', 'uint64']);

const messages = new Map();
const enums = new Map();

const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());

function readProto(text, file) {
  const tokens = text
    .replace(/\/\/.*$/gm, '')
    .match(/"[^"]*"|[A-Za-z_][\w.]*|\d+|[{}=;,<>()[\]]/g);
  let at = 0;
  const next = () => tokens[at++];
  const expect = (token) => {
    const found = next();
    if (found !== token) throw new Error(`${file}: '${token}' expected, not '${found}'`);
  };
  const skip = () => {
    for (let token = next(); token !== ';'; token = next());
  };
  const field = (type, fields, oneof) => {
    const repeated = type === 'repeated';
    const of = repeated ? next() : type;
    const name = next();
    expect('=');
    const number = Number(next());
    expect(';');
    fields.push({ number, name: camel(name), type: of.split('.').pop(), repeated, oneof });
  };
  const message = () => {
    const name = next();
    const fields = [];
    expect('{');
    for (let token = next(); token !== '}'; token = next()) {
      if (token === 'reserved') skip();
      else if (token === 'oneof') {
        const oneof = camel(next());
        expect('{');
        for (let inner = next(); inner !== '}'; inner = next()) field(inner, fields, oneof);
      } else if (token === 'message' || token === 'enum' || token === 'optional' || token === 'map') {
        throw new Error(`${file}: '${token}' in message ${name} is not supported`);
      } else field(token, fields, '');
    }
    fields.sort((a, b) => a.number - b.number);
    // Canonical order is ascending by number only while the fields of a oneof stand together.
    fields.forEach((one, index) => {
      const first = fields.findIndex((other) => one.oneof && other.oneof === one.oneof);
      if (first >= 0 && fields.slice(first, index).some((other) => other.oneof !== one.oneof)) {
        throw new Error(`${file}: fields stand between those of ${name}.${one.oneof}`);
      }
    });
    if (messages.has(name)) throw new Error(`${file}: there are two messages ${name}`);
    messages.set(name, fields);
  };
  const enumeration = () => {
    const name = next();
    const values = [];
    expect('{');
    for (let token = next(); token !== '}'; token = next()) {
      expect('=');
      if (Number(next()) !== values.length) throw new Error(`${file}: ${name} has a gap`);
      expect(';');
      values.push(token);
    }
    enums.set(name, values);
  };
  while (at < tokens.length) {
    const token = next();
    if (token === 'message') message();
    else if (token === 'enum') enumeration();
    else if (token === 'service') for (let depth = 0; ; ) {
      const inner = next();
      if (inner === '{') depth += 1;
      if (inner === '}' && --depth === 0) break;
    }
    else skip();
  }
}

for (const folder of ['ledger/v1/', 'api/v1/']) {
  for (const file of readdirSync(new URL(folder, proto)).sort()) {
    if (file === 'envelope_file.proto') continue;
    readProto(readFileSync(new URL(folder + file, proto), 'utf8'), folder + file);
  }
}

const wanted = new Set();
const want = (name) => {
  if (SCALARS.has(name) || wanted.has(name)) return;
  if (!messages.has(name) && !enums.has(name)) throw new Error(`nothing is called ${name}`);
  wanted.add(name);
  for (const field of messages.get(name) ?? []) want(field.type);
};
ROOTS.forEach(want);

const names = [...wanted].sort();
const lines = [
  '// Made from the contract in proto/ by tools/make_schemas.mjs; not to be edited.',
  '//',
  '// A field is `number name type`; `[]` marks a list, `@name` the choice (oneof) that it is one of.',
  '',
  '/** The fields of each message, ascending by number. */',
  'export const MESSAGES = {',
];
for (const name of names.filter((name) => messages.has(name))) {
  const fields = messages.get(name).map(({ number, name: own, type, repeated, oneof }) =>
    `${number} ${own} ${type}${repeated ? '[]' : ''}${oneof && ` @${oneof}`}`);
  if (fields.length === 0) lines.push(`  ${name}: [],`);
  else lines.push(`  ${name}: [`, ...fields.map((field) => `    '${field}',`), '  ],');
}
lines.push('};', '', '/** The names of each enumeration; the number of a name is its place. */', 'export const ENUMS = {');
for (const name of names.filter((name) => enums.has(name))) {
  lines.push(`  ${name}: [`, ...enums.get(name).map((value) => `    '${value}',`), '  ],');
}
lines.push('};', '');

const rows = readFileSync(list, 'utf8').matchAll(/^\| (\d+) \| `([A-Z_]+)` \| (.+) \|$/gm);
const outcomes = [
  '// Made from the public list in ledger/README.md by tools/make_schemas.mjs; not to be edited.',
  '',
  '/** What a block can say of a transaction: number, name and meaning. */',
  'const OUTCOMES = [',
  ...[...rows].map(([, number, name, help]) => `  [${number}, '${name}', ${JSON.stringify(help)}],`),
  '];',
  '',
  '/** @typedef {{ number: number, name: string, help: string }} Outcome */',
  '',
  'const BY_NUMBER = new Map(OUTCOMES.map(([number, name, help]) => [number, { number, name, help }]));',
  '',
  '/** The outcome with this number. @param {number} number @returns {Outcome | null} */',
  'export function outcomeOf(number) {',
  '  return /** @type {Outcome} */ (BY_NUMBER.get(number)) ?? null;',
  '}',
  '',
];

/** What counts when files are compared. */
const essence = {
  'schemas.js': (text) => text,
  'outcomes.js': (text) => text.replace(/^(  \[\d+, '\w+'), .*$/gm, '$1'),
};

let stale = false;
for (const [name, text] of [['schemas.js', lines.join('\n')], ['outcomes.js', outcomes.join('\n')]]) {
  const path = new URL(name, verify);
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (essence[name](readFileSync(path, 'utf8')) !== essence[name](text)) {
    console.error(`${fileURLToPath(path)} is not what its source says: run node audit/web/tools/make_schemas.mjs`);
    stale = true;
  }
}
process.exitCode = stale ? 1 : 0;
