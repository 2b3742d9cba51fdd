// The desk without a browser: its words, addresses, figures, colours, and what its programs may not do.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import test from 'node:test';

import { ApiError } from '../desk/api.js';
import { ceiling } from '../desk/charts.js';
import { enumOptions, enumText } from '../desk/enums.js';
import { FEATURES, addressOf, addressOfKind, navigation, readAddress } from '../desk/features.js';
import { Names } from '../desk/names.js';
import { KINDS } from '../desk/pages/case_file.js';
import { citedRules } from '../desk/record.js';
import { orderOf, square } from '../desk/rolls.js';
import { learnRules } from '../desk/rules.js';
import { covers } from '../desk/pages/settlement.js';
import { shortId } from '../desk/parts.js';
import { TEXTS, firstLanguage, speak } from '../desk/words.js';
import { LANGUAGES } from '../page/texts.js';
import { idText } from '../verify/ids.js';
import { recordFirst } from './support/desk_server.js';
import { pathOf, readText } from './support/golden.js';

const files = (folder) => readdirSync(pathOf(`audit/web/${folder}`)).filter((name) => name.endsWith('.js')).map((name) => `${folder}/${name}`);
const SOURCES = ['desk', 'desk/pages', 'sign'].flatMap(files);
const source = (file) => readText(`audit/web/${file}`);

test('both languages say the same, and everything that is asked for', () => {
  const { en, zh } = TEXTS;
  assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
  const details = (words) => [...words.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
  for (const key of Object.keys(en)) {
    assert.deepEqual(details(zh[key]), details(en[key]), key);
    assert.ok(!(key in LANGUAGES.en), `${key} is said twice`);
  }
  const all = ['desk', 'desk/pages'].flatMap(files).map(source).join('\n') + readText('audit/web/desk/index.html');
  const asked = [...all.matchAll(/\btext\('([\w.-]+)'|data-text="(\w+)"|\? '([\w.]+)' : '([\w.]+)'\)/g)].flatMap(([, ...found]) => found.filter(Boolean));
  assert.deepEqual(asked.filter((key) => !(key in en) && !(key in LANGUAGES.en)), []);
  // What is put together from parts.
  for (const { name } of FEATURES) assert.ok(en[`page.${name}`], name);
  for (const kind of KINDS) assert.ok(en[`kind.${kind}`], kind);
  for (const name of ['dispute', 'complaint']) for (const part of ['title', 'lead', 'about', 'send', 'none']) assert.ok(en[`${name}.${part}`]);
  for (const code of ['form', 'method', 'passphrase', 'other-key', 'browser']) assert.ok(en[`key.${code}`] && en[`error.KEY_${code.toUpperCase().replace('-', '_')}`], code);
  for (const verdict of ['PERMITTED', 'REFUSED', 'OVERRIDE_NEEDED', 'REJECTED']) assert.ok(en[`verdict.${verdict}`]);
  for (const state of ['following', 'waiting', 'stalled', 'ended']) assert.ok(en[`following.${state}`]);
  assert.equal(firstLanguage(['fr-FR', 'zh-Hant']), 'zh');
  assert.equal(firstLanguage(['fr-FR']), 'en');
});

test('money is grouped without a float, times say where they are', () => {
  const { money, time, duration, percent, decimal } = speak('en');
  assert.equal(money({ amount: '12345678901234567.89', asset: 'CZK' }), '12,345,678,901,234,567.89 CZK');
  assert.equal(decimal('-120.50'), '−120.50');
  assert.equal(decimal('0'), '0');
  assert.equal(decimal('much'), 'much');
  assert.match(time(1_795_305_600_000), /22 Nov 2026.*UTC$/);
  assert.match(speak('zh').time(1_795_305_600_000), /^2026年11月22日.*UTC$/);
  assert.deepEqual([900, 61_000, 3_600_000, 50 * 3_600_000].map(duration), ['1 s', '1 min', '1 h', '2 d 2 h']);
  assert.equal(percent(0, 0), '–');
  assert.equal(percent(1, 8), '12.5%');
});

test('rules of every version are cited with their source, and genesis is believed first', async () => {
  const pages = { start: { rows: [{ id: 'a/1@1', source: 'told' }, { id: 'a/1@2', source: 'later' }], next: 'a/1@2' }, 'a/1@2': { rows: [{ id: 'b/1@1', source: 'another' }], next: null } };
  const asked = [];
  const api = { get: async (path, { cursor, limit }) => { asked.push([path, cursor, limit]); return pages[cursor ?? 'start']; } };
  const genesis = { rules: new Map([['a/1@1', { source: 'of genesis' }]]) };
  await learnRules(api, genesis.rules);
  assert.deepEqual(asked, [['rules', null, 200], ['rules', 'a/1@2', 200]]);
  const cited = citedRules(['a/1@1', 'a/1@2', 'b/1@1', 'c/1@1'], genesis);
  assert.deepEqual(cited.map(({ id, source }) => [id, source]), [['a/1@1', 'of genesis'], ['a/1@2', 'later'], ['b/1@1', 'another'], ['c/1@1', undefined]]);
});

test('every page has an address that leads back to it', () => {
  for (const { name } of FEATURES) {
    const { name: found, id, query } = readAddress(addressOf(name, name === 'network' ? '' : 'a b/ü', { q: 'x&y=z', empty: '' }));
    assert.deepEqual([found, id, query.get('q'), query.has('empty')], [name, name === 'network' ? '' : 'a b/ü', 'x&y=z', false]);
  }
  assert.equal(readAddress('')?.name, 'network');
  assert.equal(readAddress('#/')?.name, 'network');
  for (const hash of ['#/nowhere', '#/block/%', '#javascript:x', '#/constructor']) assert.equal(readAddress(hash), null, hash);
  assert.equal(addressOfKind('block', 7), '#/block/7');
  assert.equal(addressOfKind('validator', 'val1x'), null);
});

test('every page is in the list, and who may see none of it is not led there', async () => {
  const listed = new Set(await Promise.all(FEATURES.map(async ({ load }) => (await load()).page)));
  assert.equal(listed.size, FEATURES.length);
  const loaded = FEATURES.map(({ load }) => /\.\/pages\/(\w+\.js)/.exec(String(load))[1]);
  const helpers = ['rows.js', 'record_page.js'];
  assert.deepEqual(readdirSync(pathOf('audit/web/desk/pages')).filter((name) => !helpers.includes(name)).sort(), loaded.sort());
  const names = (me) => navigation(me).map(({ name }) => name);
  assert.ok(names(null).includes('network'));
  assert.ok(!names({ reader: {}, sees: { scorecard: 'none' } }).includes('scorecard'));
  assert.ok(!names(null).includes('my-file'));
});

test('figures of charts', () => {
  assert.deepEqual([0, 3, 7, 61, 100, 101, 1_600].map(ceiling), [1, 3, 10, 100, 100, 200, 2_000]);
  assert.deepEqual(orderOf(['charged_off', 'current', 'frozen', '1-30', 'new', 'current']), ['new', 'current', '1-30', 'charged_off', 'frozen']);
  assert.equal(covers({ reserves: '100.00', liabilities: '100.01' }), false);
  assert.equal(covers({ reserves: '12345678901234567.89', liabilities: '12345678901234567.88' }), true);
  assert.equal(shortId('acct1qqqqqqqqqqqqqqqqqqqqqqqq'), 'acct1qqqqq…qqqqqq');
});

test('rolls of a month are a square with whole lines', () => {
  const { to, lines } = square([
    { from: '1-30', to: 'paid_off', loans: 1 }, { from: 'current', to: 'current', loans: 90 }, { from: '1-30', to: '31-60', loans: 6 },
    { from: 'new', to: 'current', loans: 4 }, { from: 'current', to: '1-30', loans: 10 }, { from: '1-30', to: 'current', loans: 3 },
  ]);
  assert.deepEqual(to, ['current', '1-30', '31-60', 'paid_off']);
  assert.deepEqual(lines.map(({ from, total, loans }) => [from, total, to.map((one) => loans.get(one) ?? 0)]),
    [['new', 4, [4, 0, 0, 0]], ['current', 100, [90, 10, 0, 0]], ['1-30', 10, [3, 0, 6, 1]]]);
  assert.deepEqual(square([]), { to: [], lines: [] });
});

test('enumerations are read and written as the server has them', () => {
  const [en, zh] = [speak('en'), speak('zh')];
  assert.equal(enumText('ContactChannel', 'voice_call', en), 'voice call');
  assert.equal(enumText('BreachKind', 'OutsidePermit', zh), '超出许可');
  assert.deepEqual(enumOptions('ContactParty', zh)[0], ['debtor', '债务人']);
});

test('names are those of genesis before those that are told', () => {
  const id = new Uint8Array(16).fill(7);
  const told = new Map([[idText('participant', id), 'Told']]);
  assert.equal(new Names(new Map([['07'.repeat(16), 'Founded']]), told).get('07'.repeat(16)), 'Founded');
  assert.equal(new Names(new Map(), told).get('07'.repeat(16)), 'Told');
  assert.equal(new Names(new Map(), told).get('08'.repeat(16)), undefined);
});

test('who has not said who it is can be asked', () => {
  assert.ok(new ApiError({ code: 'READER_REQUIRED', message: '', status: 401 }).wantsReader);
  assert.ok(!new ApiError({ code: 'DENIED', message: '', status: 403 }).wantsReader);
});

test('nothing is read as markup, and one file alone asks the server', () => {
  for (const file of SOURCES) {
    const text = source(file);
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|XMLHttpRequest|WebSocket|sendBeacon|https?:\/\//, file);
    if (file !== 'desk/api.js') assert.doesNotMatch(text, /\bfetch\(/, file);
    assert.doesNotMatch(text, /['"]style['"]|\.style\b/, file);
  }
  const html = readText('audit/web/desk/index.html');
  assert.match(html, /default-src 'none'; script-src 'self'; style-src 'self'/);
  assert.doesNotMatch(html, /<script(?![^>]*src=)|<style|\son\w+=|style=|https?:/);
  for (const file of SOURCES) for (const [, from] of source(file).matchAll(/from '([^']+)'/g)) assert.match(from, /^\.\.?\//, `${file} imports ${from}`);
});

/** The colours of a block of tokens. */
function tokens(text) {
  return Object.fromEntries([...text.matchAll(/--([\w-]+): #([0-9a-f]{6});/g)].map(([, name, hex]) => [name, hex]));
}

/** Contrast of two colours (WCAG 2.2, relative luminance). */
function contrast(one, other) {
  const luminance = (hex) => [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

test('every text can be read on what it stands on, light and dark; edges of fields can be seen', () => {
  const [, light, dark] = /:root \{([\s\S]*?)\}[\s\S]*prefers-color-scheme: dark[\s\S]*?:root \{([\s\S]*?)\}/.exec(readText('audit/web/page/tokens.css'));
  for (const [name, colours] of Object.entries({ light: tokens(light), dark: tokens(dark) })) {
    const pairs = [['accent-ink', 'accent'], ['good', 'good-paper'], ['bad', 'bad-paper'], ['warn', 'warn-paper'], ['card', 'good'], ['card', 'bad'],
      ...['ink', 'quiet', 'accent', 'good', 'bad', 'warn'].flatMap((ink) => [[ink, 'paper'], [ink, 'card']])];
    for (const [ink, paper] of pairs) assert.ok(contrast(colours[ink], colours[paper]) >= 4.5, `${name}: ${ink} on ${paper} is ${contrast(colours[ink], colours[paper]).toFixed(2)}`);
    for (const paper of ['paper', 'card']) for (const ink of ['edge', 'focus']) assert.ok(contrast(colours[ink], colours[paper]) >= 3, `${name}: ${ink} on ${paper} is ${contrast(colours[ink], colours[paper]).toFixed(2)}`);
  }
});

test('what the desk advises to type is there to be typed, and marked as such', () => {
  const rust = (folder) => readdirSync(pathOf(folder), { recursive: true }).filter((name) => name.endsWith('.rs')).map((name) => readText(`${folder}/${name}`)).join('\n');
  const [desk, commands] = [rust('audit/src/serve'), rust('client/src/commands') + rust('audit/src/commands')];
  const advised = [...(desk + recordFirst('case1', 'org1')).matchAll(/`(talea(?:-audit)? [a-z-]+(?: [a-z-]+\b)?)/g)].map(([, command]) => command);
  assert.ok(advised.length > 4);
  for (const command of advised) assert.ok(commands.includes(command), command);
  // The page marks what stands between backticks.
  assert.doesNotMatch(desk, /"[^"\n]*'talea/);
  const said = desk.replaceAll(/\\\n\s+/g, '');
  assert.ok(said.includes(recordFirst('{subject}', '{reader}')));
});
