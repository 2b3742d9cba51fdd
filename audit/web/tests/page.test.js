// The words of the page: none is missing in either language, none is for nothing.

import assert from 'node:assert/strict';
import test from 'node:test';

import { readdirSync } from 'node:fs';
import { CODES, Refusal, fill } from '../verify/refusal.js';
import { ENUMS, MESSAGES } from '../verify/schemas.js';
import { LANGUAGES } from '../page/texts.js';
import { factsOf, enumWord, messageOf, summaryOf } from '../page/describe.js';
import { readEvent } from '../verify/event.js';
import { readGenesis } from '../verify/genesis.js';
import { bundles, lines, pathOf, readText } from './support/golden.js';

const sources = ['verify', 'page', '.'].flatMap((folder) => readdirSync(pathOf(`audit/web/${folder}`))
  .filter((name) => /\.(js|html)$/.test(name)).map((name) => readText(`audit/web/${folder}/${name}`))).join('\n');

test('both languages say everything', () => {
  const { en, zh } = LANGUAGES;
  assert.deepEqual(Object.keys(en).filter((key) => !(key in zh)), []);
  for (const code of CODES) assert.ok(zh[`refusal.${code}`], code);
  const more = Object.keys(zh).filter((key) => !(key in en) && !/^(field|value|refusal|operation)\./.test(key));
  assert.deepEqual(more, []);
  for (const key of Object.keys(zh)) {
    if (key.startsWith('refusal.')) assert.ok(CODES.includes(key.slice(8)), key);
    if (key.startsWith('operation.')) assert.ok(MESSAGES.Operation.some((line) => line.split(' ')[1] === key.slice(10)), key);
    if (key.startsWith('value.')) assert.ok(Object.values(ENUMS).flat().includes(key.slice(6)), key);
    if (key.startsWith('field.')) assert.ok(Object.values(MESSAGES).flat().some((line) => line.split(' ')[1] === key.slice(6)), key);
  }
});

test('words ask for no detail that a refusal does not have', () => {
  for (const code of CODES) {
    const wanted = (words) => [...words.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const english = new Refusal(code).message;
    assert.ok(english.length > 0);
    // What a refusal has is what its English words name.
    const source = readText('audit/web/verify/refusal.js').split('\n').find((line) => line.includes(`'${code}':`));
    for (const name of wanted(LANGUAGES.zh[`refusal.${code}`])) assert.ok(source.includes(`{${name}}`), `${code}: ${name}`);
  }
  assert.equal(fill('{a} and {b}', { a: 1 }), '1 and ?');
});

test('every code of a refusal is used', () => {
  for (const code of CODES) assert.ok(sources.split(`'${code}'`).length > 2, code);
});

test('every kind of event has words, and is described without a mistake', () => {
  const [{ genesis, chain }] = bundles();
  const context = { genesis: readGenesis(genesis, chain), word: (_, fallback) => fallback };
  for (const line of MESSAGES.Event.filter((one) => one.endsWith('@detail'))) {
    const kind = line.split(' ')[1];
    for (const words of Object.values(LANGUAGES)) assert.ok(words[`event.${kind}`], kind);
  }
  for (const [name, bytes] of lines('ledger/tests/golden/messages.txt')) {
    if (!name.startsWith('event ')) continue;
    const { detail } = readEvent(bytes);
    const facts = factsOf(messageOf('Event', detail.kind), detail.value, context);
    const flat = JSON.stringify(facts) + summaryOf(detail, context);
    assert.ok(!/undefined|\[object|NaN/.test(flat), `${name}: ${flat}`);
  }
});

test('amounts of a loan are in units of its currency where that is known', () => {
  const [{ genesis, chain }] = bundles();
  const context = { genesis: readGenesis(genesis, chain), word: (_, fallback) => fallback };
  const entry = { kind: 'REPAID', principal: 123_456n, interest: 7n };
  const texts = (more) => factsOf('LoanEntry', entry, { ...context, ...more }).map(({ text }) => text);
  assert.ok(texts({ asset: 'CZK' }).includes('1234.56 CZK'));
  assert.ok(texts({ asset: 'CZK' }).includes('0.07 CZK'));
  // Without a currency, or with one that genesis does not have, minor units are what is known.
  for (const asset of [undefined, 'XXX']) assert.ok(texts({ asset }).includes('123456 minor units'));
  // What a message says of itself counts.
  const posted = { asset: 'CZK', amount: 250n };
  assert.ok(factsOf('Posted', posted, { ...context, asset: 'USD' }).some(({ text }) => text === '2.50 CZK'));
});

test('enumerations read as words', () => {
  assert.equal(enumWord('ContactChannel', 'CONTACT_CHANNEL_VOICE_CALL'), 'voice call');
  assert.equal(enumWord('PostingKind', 'HOLD_PLACED'), 'hold placed');
  assert.equal(enumWord('AccountKind', 'WALLET'), 'wallet');
});

test('the page asks nothing of anybody and runs nothing inline', () => {
  const html = readText('audit/web/verify.html');
  assert.match(html, /default-src 'none'; script-src 'self'; style-src 'self'/);
  assert.doesNotMatch(html, /<script(?![^>]*src=)|<style|\son\w+=|style=|https?:/);
  assert.doesNotMatch(sources.replaceAll(/https?:\/\/\S+/g, ''), /innerHTML|insertAdjacentHTML|eval\(|new Function|XMLHttpRequest|WebSocket|sendBeacon/);
  assert.doesNotMatch(sources, /\bfetch\(/);
});
