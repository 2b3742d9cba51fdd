// The genesis document: whatever says the same has the same id, whatever says something else has another.

import assert from 'node:assert/strict';
import test from 'node:test';

import { toHex, utf8 } from '../verify/bytes.js';
import { genesisRecord, readGenesis } from '../verify/genesis.js';
import { tagged } from '../verify/hash.js';
import { Refusal } from '../verify/refusal.js';
import { parseToml } from '../verify/toml.js';
import { encode } from '../verify/wire.js';
import { readText } from './support/golden.js';

const document = readText('genesis/tests/golden/example.toml');
const [id] = readText('genesis/tests/golden/example.txt').split('\n');
const idOf = (text) => toHex(tagged('talea/genesis/v1', encode('GenesisRecord', genesisRecord(text))));
const refused = (code) => (error) => error instanceof Refusal && error.code === code;

/** The top-level sections of a document: what stands before the first heading, then each `[x]` or `[[x]]` with its own. */
function sections(text) {
  return text.split(/\n(?=\[\[?(?:network|assets|tiers|participants|reserves|validators|contributions|approvals)\]\]?\n)/);
}

test('what a document says is read', () => {
  const genesis = readGenesis(utf8(document), id);
  assert.equal(genesis.network, 'example');
  assert.equal(genesis.sandbox, true);
  assert.equal(genesis.validators.validators.length, 4);
  assert.equal(genesis.decimals.get('PTS'), 0);
  assert.equal(genesis.organisations.size, 5);
});

test('order, layout and the writing of amounts do not change the id', () => {
  const [head, ...rest] = sections(document);
  const tiers = rest.filter((one) => one.startsWith('[[tiers]]'));
  const others = rest.filter((one) => !one.startsWith('[[tiers]]'));
  // The place of a tier is its number: only tiers keep their order.
  assert.equal(idOf([head, ...others.reverse(), ...tiers].join('\n')), id);
  assert.equal(idOf(document.replaceAll('\n', '\r\n')), id);
  assert.equal(idOf(document.replaceAll(' = ', '=').replaceAll('\n\n', '\n# a comment\n')), id);
  assert.equal(idOf(document.replaceAll('"5000"', '"5000"  # five thousand').replaceAll('"1000000000000"', "'1000000000000'")), id);
  assert.equal(idOf(document.replace('amount = "1000000000000"', 'amount = "01000000000000.00"')), id);
  assert.equal(idOf(document.replace('roles = ["bank"]', 'roles = [\n  "bank", # of the first\n]')), id);
  assert.equal(idOf(document.replace('name = "Sandbox bank-1"', 'name = "Sandbox b\\u0061nk-1"')), id);
  // Signatures are not part of it.
  assert.equal(idOf(document.slice(0, document.indexOf('[[contributions]]'))), id);
});

test('every line that is part of the record changes the id, or is refused', () => {
  const lines = document.slice(0, document.indexOf('[[contributions]]')).split('\n');
  let altered = 0;
  for (const [place, line] of lines.entries()) {
    const value = /^\w+ = .*?(\w)(\W*)$/.exec(line);
    if (value === null) continue;
    const other = value[1] === '1' ? '2' : /\d/.test(value[1]) ? '1' : value[1] === 'a' ? 'b' : 'a';
    const changed = `${line.slice(0, line.length - 1 - value[2].length)}${other}${value[2]}`;
    let found;
    try {
      found = idOf(lines.with(place, changed).join('\n'));
    } catch (error) {
      assert.ok(error instanceof Refusal, line);
      found = undefined;
    }
    assert.notEqual(found, id, line);
    altered += 1;
  }
  assert.ok(altered > 120, `${altered} lines`);
});

test('a document of another network is refused, and says which it is of', () => {
  const other = document.replace('name = "example"', 'name = "another"');
  assert.throws(() => readGenesis(utf8(other), id), refused('genesis-other'));
  assert.throws(() => readGenesis(utf8(document), id.replace(/^../, '00')), refused('genesis-other'));
  assert.throws(() => readGenesis(utf8(document), ''), refused('hash-form'));
  assert.throws(() => readGenesis(new Uint8Array(5 << 20), id), refused('too-large'));
  assert.throws(() => readGenesis(Uint8Array.of(0xff, 0xfe), id), refused('genesis-syntax'));
});

for (const [what, from, to] of [
  ['an unknown field', 'decimals = 2', 'decimals = 2\ncolour = "red"'],
  ['a field that is missing', 'jurisdiction = "CZ"\n', ''],
  ['a field twice', 'name = "example"', 'name = "example"\nname = "example"'],
  ['a table twice', '[network]', '[network]\n[network]'],
  ['another version', 'format = 1', 'format = 2'],
  ['an amount of zero', '"5000"', '"0"'],
  ['an amount with too many decimals', '"5000"', '"0.001"'],
  ['an asset that is not there', 'asset = "CZK"', 'asset = "XXX"'],
  ['an asset twice', 'code = "EUR"', 'code = "CZK"'],
  ['a kind that does not exist', 'kind = "points"', 'kind = "constructor"'],
  ['a role twice', 'roles = ["bank"]', 'roles = ["bank", "bank"]'],
  ['a date that is none', '2026-11-22"', '2026-02-30"'],
  ['a key in capitals', 'voting_key = "f7df', 'voting_key = "F7DF'],
  ['no power', 'power = 1', 'power = 0'],
]) {
  test(`${what} is refused`, () => {
    assert.ok(document.includes(from));
    assert.throws(() => idOf(document.replace(from, to)), Refusal);
  });
}

for (const text of [
  'a', 'a =', '= 1', 'a = 1 2', 'a = 01', 'a = 1.5', 'a = 0x10', 'a = nan', 'a = 2026-11-22', 'a = "b', "a = 'b", 'a = "b\nc"', 'a = """b"""',
  "a = '''b'''", 'a = "\\x"', 'a = "\\ud800"', 'a = "\\U00110000"', 'a = [1', 'a = [1 2]', 'a = {b = 1', 'a.b = 1', '[a', '[[a]', '[a]]', '[a] b', 'a = 1\n[a]\n',
  'a = []\n[[a]]', '[[a]]\n[a]\n[a.b]\n[a.b]', 'a = "\u0001"', '# \u0000', `a = ${'['.repeat(40)}`, 'a = tru', 'a = +', 'a = 1__0',
]) {
  test(`TOML: ${JSON.stringify(text).slice(0, 40)} is refused`, () => {
    assert.throws(() => parseToml(text), refused('genesis-syntax'));
  });
}

test('TOML: what is read', () => {
  const table = parseToml('\ufeff# head\n"quoted key" = "a\\tb\\"\\\\\\u00e9"\nliteral = \'C:\\x\'\nbig = 1_000\nminus = -5\nyes = true\nlist = [1, [2, 3],\n 4,]\ninline = { a = 1, b = { c = "d" } }\n[one.two]\nx = 1\n[[many]]\nn = 1\n[many.inner]\nm = 2\n[[many]]\nn = 3\n[[many.deep]]\nz = 9\n');
  assert.equal(table.get('quoted key'), 'a\tb"\\é');
  assert.equal(table.get('literal'), 'C:\\x');
  assert.equal(table.get('big'), 1000n);
  assert.equal(table.get('minus'), -5n);
  assert.deepEqual(table.get('list'), [1n, [2n, 3n], 4n]);
  assert.equal(table.get('inline').get('b').get('c'), 'd');
  assert.equal(table.get('one').get('two').get('x'), 1n);
  assert.equal(table.get('many').length, 2);
  assert.equal(table.get('many')[0].get('inner').get('m'), 2n);
  assert.equal(table.get('many')[1].get('deep')[0].get('z'), 9n);
});
