// A server of the desk in miniature, for the pages: the answers of /api/ in the shapes of the real one, made of golden
// files, in several situations. What it says of money and conduct is made up; what it proves is real.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';

import { toHex } from '../../verify/bytes.js';
import { readEvent } from '../../verify/event.js';
import { idText, subjectText } from '../../verify/ids.js';
import { outcomeOf } from '../../verify/outcomes.js';
import { readGenesis } from '../../verify/genesis.js';
import { readTransaction } from '../../verify/transaction.js';
import { decode, encode } from '../../verify/wire.js';
import { toBase64url } from '../../sign/base64url.js';
import { pathOf, read, readText } from './golden.js';

const GOLDEN = 'audit/web/tests/golden/';
const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' };
/** The policy that the real server sends. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

const chainText = readText(`${GOLDEN}chain-id.txt`).trim();
const genesisBytes = read(`${GOLDEN}genesis.toml`);
const genesis = readGenesis(genesisBytes, chainText);
const proof = (name) => read(`${GOLDEN}${name}.proof`);
const contentOf = (name) => decode('ProofFile', proof(name)).content.value;

const audit = contentOf('audit-debtor').periods.map(({ subject, events }) => ({ value: subject.value, events: events.map((bytes) => ({ bytes, event: readEvent(bytes) })) }));
const events = audit.flatMap((one) => one.events);
const ofKind = (kind) => audit.find(({ events: [first] }) => first?.event.subject.kind === kind);
const debtor = ofKind('debtor');
const account = idText('account', debtor.events[0].event.subject.id);
const loanId = subjectText(ofKind('loan').events[0].event.subject);
const caseId = subjectText(ofKind('case').events[0].event.subject);
const object = decode('CollectionCase', ofKind('case').value);
const organisation = (bytes) => ({ kind: 'participant', id: idText('participant', bytes), name: genesis.organisations.get(toHex(bytes)) ?? 'Fair Collections' });
const lender = organisation(object.lender);
const product = idText('product', decode('Loan', ofKind('loan').value).product);
const agency = organisation(object.collector);

/** The transactions of the golden receipts. */
const transactions = ['receipt-applied', 'receipt-rejected', 'receipt-contact-refused'].map((name) => {
  const { transaction, receipt: { result, finality } } = contentOf(name);
  const { body } = readTransaction(transaction, genesis.chain);
  const kind = body.author.kind === 'authorAccount' ? 'account' : 'participant';
  return {
    name, bytes: toBase64url(transaction), rules: result.rules, id: toHex(result.transactionId), height: Number(finality.header.height), position: 0,
    time_ms: Number(finality.header.timeMs), author: kind === 'participant' ? organisation(body.author.value) : { kind, id: idText(kind, body.author.value), name: null },
    operation: body.operation.kind.kind.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), outcome: result.outcome, outcome_name: outcomeOf(result.outcome).name,
  };
});
/** Operations of credit and collections are a part of the file of the debtor that they name. */
const ofDebtor = ({ operation }) => /^(contact_|dispute_|complaint_|loan_|case_)/.test(operation);
const mayRead = (transaction, who) => who !== 'nobody' || !ofDebtor(transaction);
const rule = (id) => {
  const found = genesis.rules.get(id);
  return { id, title: found?.title ?? null, source: found?.source ?? null, pack: found?.pack ?? null, unverified: found?.unverified ?? false };
};
const refusedRules = transactions.find(({ name }) => name === 'receipt-contact-refused').rules.map(rule);

const row = ({ bytes, event }) => ({
  subject: { kind: event.subject.kind, id: subjectText(event.subject), name: null }, sequence: Number(event.sequence), height: Number(event.height), time_ms: Number(event.timeMs),
  kind: event.detail.kind.replace(/^./, (letter) => letter.toUpperCase()), transaction: event.cause && toHex(event.cause.transactionId), bytes: toBase64url(bytes),
});
const KIND_OF = { contactPermitted: 'permit', contactClosed: 'outcome', contactReported: 'report', breach: 'breach', noticeServed: 'notice', disputeOpened: 'dispute', disputeResolved: 'dispute',
  complaintOpened: 'complaint', complaintAnswered: 'complaint', protectionChanged: 'protection', recordRead: 'look', loanEntry: 'payment', loanOriginated: 'payment' };
const eventItem = (one) => ({ kind: KIND_OF[one.event.detail.kind] ?? 'other', time_ms: Number(one.event.timeMs), height: Number(one.event.height),
  transaction: one.event.cause && toHex(one.event.cause.transactionId), event: row(one), refusal: null, look: null });
const refusalItem = { kind: 'refusal', time_ms: transactions[2].time_ms, height: transactions[2].height, transaction: transactions[2].id, event: null,
  look: null,
  refusal: { agency, lender, case: caseId, channel: 'voice_call', rules: refusedRules, outcome: 171, outcome_name: 'CONTACT_REFUSED' } };
const lookItem = { kind: 'look', time_ms: transactions[2].time_ms + 1, height: transactions[2].height, transaction: null, event: null, refusal: null,
  look: { number: 12, reader: lender, subject: { kind: 'debtor', id: `debtor:${account}`, name: null }, shown: 'case file' } };

const HEIGHT = Math.max(...events.map(({ event }) => Number(event.height)));
const TIME = Math.max(...events.map(({ event }) => Number(event.timeMs)));
const block = (height) => ({ height, time_ms: TIME - (HEIGHT - height) * 1000, proposer: { id: idText('validator', genesis.validators.validators[0].id), name: genesis.validators.validators[0].name },
  round: 0, transactions: 2, applied: height % 5 === 0 ? 1 : 2, events: 5, hash: toHex(genesis.chain).replace(/^.{6}/, String(height).padStart(6, '0')) });

/** The items of a case file. @param {string} situation */
function items(situation) {
  // The debtor's own chain; those of loans and cases are read on their pages.
  const own = [...debtor.events.map(eventItem), refusalItem, lookItem].sort((a, b) => a.time_ms - b.time_ms);
  if (situation === 'empty-file') return [];
  if (situation === 'long') return Array.from({ length: 5000 }, (_, place) => own[place % own.length]).reverse();
  if (situation === 'tampered') {
    const told = debtor.events.find(({ event }) => event.detail.kind === 'contactPermitted') ?? debtor.events[1];
    const { body, ...message } = { ...decode('Event', told.bytes) };
    const bytes = encode('Event', { ...message, timeMs: told.event.timeMs + 3_600_000n });
    const altered = eventItem({ bytes, event: readEvent(bytes) });
    return [altered, ...own.filter((item) => item.event === null || item.event.sequence !== Number(told.event.sequence))];
  }
  return own.reverse();
}

const part = (rows, query, limit = Number(query.get('limit') ?? 50)) => {
  const from = Number(query.get('cursor') ?? 0);
  return { rows: rows.slice(from, from + limit), next: from + limit < rows.length ? String(from + limit) : null };
};
const short = ({ bytes, rules, name, ...rest }) => rest;

const hours = [0, 0, 0, 0, 0, 0, 0, 1, 12, 40, 61, 55, 38, 47, 60, 52, 44, 31, 20, 9, 4, 1, 0, 0];
const conduct = (who, factor) => ({
  ...who, hours: hours.map((one) => Math.floor(one * factor)), hour_unknown: factor > 1 ? 4 : 0, reported_hours: hours.map((one, hour) => (hour === 22 ? 2 : Math.floor(one / 20))), reported_hour_unknown: 0, channels: [{ channel: 'voice_call', count: 300 }, { channel: 'text_message', count: 140 }, { channel: 'letter', count: 35 }], results: [], revoked: 2,
  granted: 475, refused: 61, refusals: [...refusedRules.map((one) => ({ rule: one, count: 44 })), ...[...genesis.rules.keys()].slice(0, 6).map((id, place) => ({ rule: rule(id), count: 9 - place }))],
  breaches: factor > 1 ? [{ kind: 'outside_permit', count: 2 }, { kind: 'complaint_overdue', count: 1 }] : [], complaints: { open: 3, late: factor > 1 ? 1 : 0, answered: 14, clocks: [{ opened_ms: TIME - 40 * 86_400_000, acknowledge_by_ms: TIME - 37 * 86_400_000, acknowledged_ms: TIME - 39 * 86_400_000, resolve_by_ms: TIME - 10 * 86_400_000, overdue_ms: TIME - 10 * 86_400_000 }, { opened_ms: TIME - 86_400_000, acknowledge_by_ms: null, acknowledged_ms: null, resolve_by_ms: null, overdue_ms: null }] }, resolve_ms_median: 4 * 86_400_000 + 5 * 3_600_000,
});
const BUCKETS = ['current', '1-30', '31-60', '61-90', '91-120', '180+'];
/** The last days of September, October and November 2026. */
const MONTH_ENDS = [20_726, 20_757, 20_787];
/** Every way that there is in the last month, few in those before. */
const rollsOf = (month) => (month === 0 ? [{ from: 'new', to: 'current', loans: 1000 }] : [
  { from: 'new', to: 'current', loans: 40 }, { from: 'current', to: 'current', loans: 870 }, { from: 'current', to: '1-30', loans: 100 }, { from: 'current', to: 'paid_off', loans: 30 },
  ...(month === 1 ? [] : ['1-30', '31-60', '61-90', '91-120', '121-150', '151-180', '180+'].flatMap((from, place, all) => [
    { from, to: 'current', loans: 20 - place }, { from, to: all[Math.min(place + 1, all.length - 1)], loans: 60 - place }, { from, to: 'charged_off', loans: place + 1 }, { from, to: 'paid_off', loans: 1 }])),
]);

class Refused extends Error {
  constructor(status, code, message, advice = '') {
    super(message);
    Object.assign(this, { status, code, advice });
  }
}

/** What the server advises (audit/src/serve/access.rs). */
export const recordFirst = (subject, reader) => `you may see this by a permission of the holder alone, which is for a purpose: record the read with \`talea access log ${subject} --purpose PURPOSE --field FIELD --as ${reader} --key FILE\`, then ask again`;

/** How often the network was asked for: it grows meanwhile. */
let asked = 0;

/** Who asks: `debtor-normal`, `agency-normal`, `lender-normal`, `nobody`; the regulator elsewhere. */
const readerOf = (situation) => /^(debtor|agency|lender)-|^(nobody)$/.exec(situation)?.slice(1).find(Boolean) ?? 'regulator';
const readers = () => ({
  regulator: { kind: 'participant', id: lender.id, name: 'Financial Conduct Office' }, debtor: { kind: 'account', id: account, name: null }, agency, lender, nobody: null,
});
const seesOf = {
  regulator: { debtors: 'all', cases: 'all', blocks: 'all', scorecard: 'all', loan_book: 'all', settlement: 'all' }, debtor: { debtors: 'some', cases: 'some', blocks: 'none', scorecard: 'none', loan_book: 'none', settlement: 'none' },
  agency: { debtors: 'some', cases: 'some', blocks: 'none', scorecard: 'some', loan_book: 'some', settlement: 'none' }, lender: { debtors: 'some', cases: 'some', blocks: 'none', scorecard: 'some', loan_book: 'some', settlement: 'some' },
  nobody: { debtors: 'none', cases: 'none', blocks: 'none', scorecard: 'none', loan_book: 'none', settlement: 'none' },
};

/** The answers. @param {string} situation @param {string} who asks */
function answers(situation, who) {
  const empty = situation === 'empty';
  const whole = who === 'regulator';
  const difference = situation === 'difference' ? { name: 'OTHER_EXECUTION', height: HEIGHT + 1, text: 'a quorum signed a state root that executing the block does not give' } : null;
  const network = () => ({
    network: chainText, name: genesis.network, sandbox: true, height: empty ? 0 : situation === 'growing' ? (asked += 1) : HEIGHT, time_ms: TIME, business_date: 20_779, state_root: empty ? null : chainText, transactions: empty ? 0 : 1_000_000, events: empty ? 0 : 2_345_678,
    desk_key: toBase64url(new Uint8Array(32).fill(4)),
    following: { node: 'http://127.0.0.1:4100', state: difference ? 'ended' : situation === 'stalled' ? 'stalled' : empty || situation === 'waiting' ? 'waiting' : 'following', height: HEIGHT, told_height: empty ? 0 : HEIGHT + 2, last_block_ms: TIME, text: situation === 'waiting' ? 'reading from the node: transport error' : null, difference },
    validators: genesis.validators.validators.map(({ id, name, power }, place) => ({ id: idText('validator', id), name, participant: lender, lei: '5493001KJTIIGC8Y1R12', power: Number(power), proposed: 25,
      signed_of_recent: place === 1 ? 3 : 99, of_recent: 100, last_signed_height: empty ? null : place === 1 ? 3 : HEIGHT, silent: place === 1 })),
    recent: empty ? [] : Array.from({ length: 10 }, (_, place) => block(HEIGHT - place)).filter(({ height }) => height > 0), looks: { count: 3, head: 'x' },
  });
  const needsReader = () => {
    if (who === 'nobody') throw new Refused(401, 'READER_REQUIRED', 'debtors’ records are shown to readers only', 'sign in with the key of an organisation or an account');
    if (situation === 'record-first') throw new Refused(403, 'RECORD_FIRST', `${lender.id} has not recorded that it reads debtor:${account} within the last day`, recordFirst(`debtor:${account}`, lender.id));
  };
  /** The regulator, and of the others these. */
  const needsRole = (...others) => {
    if (!whole && !others.includes(who)) throw new Refused(403, 'DENIED', 'the access matrix does not let this reader see it', 'ask as somebody whom it lets see it');
  };
  return {
    network, genesis: () => genesisBytes,
    me: () => ({ reader: readers()[who], roles: { regulator: ['regulator'], agency: ['collection_agency'], lender: ['bank'] }[who] ?? [],
      desk_key: toBase64url(new Uint8Array(32).fill(4)), debtor: who === 'debtor' ? account : null, sees: seesOf[who] }),
    blocks: ({ query }) => part(empty ? [] : Array.from({ length: HEIGHT }, (_, place) => block(HEIGHT - place)), query),
    block: ({ id, query }) => {
      const height = Number(id);
      if (!(height >= 1 && height <= HEIGHT) || empty) throw new Refused(404, 'NOT_FOUND', `block ${id} is not on the ledger`);
      const { header } = contentOf('receipt-applied').receipt.finality;
      return { block: block(height), header: toBase64url(encode('BlockHeader', header)), signers: network().validators.map(({ id: own, name, power }, place) => ({ id: own, name, power, signed: place !== 1 })), signed_power: 3, total_power: 4,
        transactions: whole ? part(transactions.map(short), query) : null, events: whole ? { rows: [...events.slice(0, 3).map(row), { ...row(events[4]), bytes: null }], next: null } : null, whole };
    },
    transaction: ({ id }) => {
      const found = transactions.find((one) => one.id === id);
      if (found === undefined) throw new Refused(404, 'NOT_FOUND', 'no transaction with this id is on the ledger');
      const told = situation === 'lying' ? { outcome: found.outcome === 0 ? 34 : 0, outcome_name: found.outcome === 0 ? 'INSUFFICIENT_FUNDS' : 'APPLIED' } : {};
      return { ...short(found), ...told, bytes: mayRead(found, who) ? found.bytes : null, rules: mayRead(found, who) ? found.rules.map(rule) : null, events: whole ? events.filter(({ event }) => event.cause && toHex(event.cause.transactionId) === id).map(row) : null };
    },
    account: ({ id, query }) => (needsReader(), needsRole('debtor'), { id, bytes: toBase64url(contentOf('object-account').proof === undefined ? contentOf('history-account').subject.value : contentOf('object-account').value), height: HEIGHT, sponsor: lender, debtor: true, next_nonce: 3, transactions: part(transactions.map(short), query) }),
    participant: ({ id, query }) => (needsReader(), { id, bytes: toBase64url(contentOf('history-organisation-after-change').subject.value), name: lender.name, lei: '5493001KJTIIGC8Y1R12', roles: ['BANK'], active: true, history: whole || id === readers()[who]?.id, height: HEIGHT, transactions: whole ? part(transactions.map(short), query) : null }),
    loan: ({ id }) => (needsReader(), { id, bytes: toBase64url(ofKind('loan').value), height: HEIGHT, debtor: account, lender }),
    case: ({ id }) => (needsReader(), { id, bytes: toBase64url(ofKind('case').value), height: HEIGHT, debtor: account, collector: agency, lender, open: true }),
    events: ({ id, query }) => {
      needsReader();
      const ofOther = id.startsWith('org1') && (whole || id !== readers()[who].id);
      if (ofOther) needsRole();
      // Whom an organisation contacted is told to itself alone.
      const shown = (one) => (ofOther ? { ...row(one), subject: { kind: 'participant', id, name: lender.name }, bytes: null } : row(one));
      return part(events.filter(({ event }) => id.startsWith('acct1') || id.startsWith('org1') || subjectText(event.subject) === id).reverse().map(shown), query);
    },
    'case-file': ({ id, query }) => {
      needsReader();
      if (id !== account) throw new Refused(404, 'NOT_FOUND', `debtor ${id} is not on the ledger`);
      const all = items(situation);
      const counts = {};
      for (const { kind } of all) counts[kind] = (counts[kind] ?? 0) + 1;
      const kinds = query.get('kinds')?.split(',');
      return { debtor: account, sponsor: lender, height: HEIGHT, time_ms: TIME, loans: [{ id: loanId, lender, asset: 'CZK' }], cases: [{ id: caseId, collector: agency, lender, open: true }], counts, ...part(all.filter(({ kind }) => kinds === undefined || kinds.includes(kind)), query) };
    },
    scorecard: ({ query }) => (needsReader(), needsRole('agency', 'lender'), { by: query.get('by'), from_ms: Number(query.get('from_ms')), until_ms: Number(query.get('until_ms')), quiet: Array.from({ length: 24 }, (_, hour) => hour < 8 || hour >= 21), next: null, rows: empty ? [] : [conduct(agency, 1), conduct({ ...lender, name: 'Rapid Recovery' }, 1.4)] }),
    'loan-book': () => (needsReader(), needsRole('agency', 'lender'), { height: HEIGHT, business_date: 20_779, lenders: [lender, agency], next: null, rows: empty ? [] : [...BUCKETS.map((bucket, place) => ({ product: product, asset: 'CZK', lender, bucket, charged_off: false, loans: 900 >> place, outstanding: { amount: `${12_345_678 >> place}.50`, asset: 'CZK' } })),
      { product, asset: 'CZK', lender, bucket: '180+', charged_off: true, loans: 12, outstanding: null }, { product, asset: 'CZK', lender: agency, bucket: 'current', charged_off: false, loans: 300, outstanding: { amount: '1000.00', asset: 'CZK' } }] }),
    'loan-rolls': ({ query }) => (needsReader(), needsRole('agency', 'lender'), { next: null, months: empty ? [] : MONTH_ENDS.map((end, place) => ({ month_end: end, height: 100 + place, rows: query.get('lender') === agency.id ? [] : rollsOf(place) })) }),
    settlement: () => (needsReader(), { assets: empty ? [] : [{ asset: 'CZK', decimals: 2, kind: 'CURRENCY', reserves: '12345678901234567.89', liabilities: '9999999.99' }, { asset: 'EUR', decimals: 2, kind: 'CURRENCY', reserves: '100.00', liabilities: '100.01' }],
      positions: empty ? [] : [{ participant: lender, asset: 'CZK', reserve: '5000000.00', liabilities: '4200000.10', position: '-120.50' }] }),
    rules: () => ({ rows: [...genesis.rules.keys()].map(rule), next: null }),
    packs: () => ({ rows: [{ id: 'us-reg-f', version: 1, title: 'Regulation F (Debt Collection Practices)', jurisdiction: 'US', rules: 21, in_force_since_ms: TIME, height: 1, retired: false }] }),
    pack: ({ id }) => ({ id, version: 1, title: 'Regulation F (Debt Collection Practices)', jurisdiction: 'US', rules: [...genesis.rules.keys()].map((one) => ({ ...rule(one), effect: 'caps calls' })), in_force_since_ms: TIME, height: 1, retired: false, text: 'id = "us-reg-f"\nversion = 1\n\n[[rules]]\nid = "1006.14"\n'.repeat(20) }),
    explain: () => ({ verdict: 'REFUSED', outcome_name: 'CONTACT_REFUSED', from_ms: TIME, until_ms: TIME + 3_600_000, local: [{ zone: 'Europe/Prague', from: '22:30', until: '23:30' }], rules: [...refusedRules.map((one) => ({ ...one, verdict: 'deny', possible_from_ms: TIME + 36_000_000 })), ...[...genesis.rules.keys()].map((id) => ({ ...rule(id), verdict: 'allows', possible_from_ms: null }))], not_binding: ['cn-debt'], possible_from_ms: TIME + 36_000_000, help: null }),
    search: ({ query }) => ({ rows: { nothing: [], one: [{ kind: 'block', id: '3', name: null }] }[query.get('q')] ?? [{ kind: 'debtor', id: account, name: null }, { kind: 'participant', id: lender.id, name: lender.name }, { kind: 'permit', id: 'permit1xyz', name: null, case: caseId, debtor: account }], next: null }),
    session: ({ method }) => (method === 'DELETE' ? {} : { secret: 'a-session', reader: lender, until_ms: Date.now() + 60_000 }),
    proof: ({ id, rest }) => {
      if (id === 'debtor' || !mayRead(transactions.find((one) => one.id === rest) ?? { operation: '' }, who)) needsReader();
      const bytes = id === 'debtor' ? proof('audit-debtor') : proof(situation === 'other-proof' ? 'receipt-rejected' : transactions.find((one) => one.id === rest)?.name ?? 'receipt-applied');
      if (situation === 'tampered-proof') bytes[bytes.length - 40] ^= 1;
      return bytes;
    },
  };
}

/**
 * Serves the pages and the answers. Addresses begin with the situation: `/normal/desk/`.
 * @returns {Promise<{ url: (situation: string, path?: string) => string, sent: any[], close: () => void, account: string, loanId: string, caseId: string, transactions: any[], chain: string }>}
 */
export async function serveDesk() {
  const sent = [];
  const streams = new Set();
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const [, situation, ...path] = url.pathname.split('/');
    const tell = (status, type, body) => response.writeHead(status, { 'content-type': type, 'content-security-policy': POLICY, 'cache-control': 'no-store' }).end(body);
    const json = (status, value) => tell(status, 'application/json', JSON.stringify(value));
    try {
      if (path[0] === 'api') return await api(situation, path.slice(1), url, request, response, { json, tell });
      const file = path.join('/') || 'desk/';
      if (file.includes('..')) throw new Error('outside');
      const name = file.endsWith('/') ? `${file}index.html` : file;
      tell(200, TYPES[name.split('.').pop()] ?? 'application/octet-stream', await readFile(pathOf('audit/web/') + name));
    } catch (error) {
      if (error instanceof Refused) return json(error.status, { error: { code: error.code, message: error.message, advice: error.advice } });
      if (path[0] === 'api') return json(500, { error: { code: 'FIXTURE', message: String(error.stack), advice: '' } });
      tell(404, 'text/plain', 'nothing here');
    }
    return undefined;
  });

  async function api(situation, [name, id = '', rest = ''], url, request, response, { json, tell }) {
    if (name === 'live') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write('event: block\ndata: {}\n\n');
      streams.add(response);
      return;
    }
    const parts = [];
    for await (const chunk of request) parts.push(chunk);
    if (request.method === 'POST') sent.push({ name, authorization: request.headers.authorization ?? '', body: Buffer.concat(parts) });
    if (name === 'transaction' && request.method === 'POST') {
      const { id: found, body } = readTransaction(new Uint8Array(Buffer.concat(parts)), genesis.chain);
      if (!body.operation.kind.value.reason) throw new Refused(400, 'BAD_REQUEST', 'the body is no signed transaction of this network: reason is missing');
      json(200, { id: toHex(found), outcome: 0, outcome_name: 'APPLIED', height: HEIGHT, help: null });
      return;
    }
    const answer = answers(situation.replace(/^(debtor|agency|lender)-/, ''), readerOf(situation))[name];
    if (answer === undefined) throw new Refused(404, 'NOT_FOUND', `no question is called ${name}`);
    const value = answer({ id: decodeURIComponent(id), rest: decodeURIComponent(rest), query: url.searchParams, method: request.method });
    if (['case-file', 'loan', 'case', 'explain'].includes(name)) response.setHeader('talea-look', `12:${'5f'.repeat(8)}`);
    if (value instanceof Uint8Array) tell(200, 'application/octet-stream', value);
    else json(200, value);
  }

  await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
  return {
    url: (situation, path = 'desk/') => `http://127.0.0.1:${server.address().port}/${situation}/${path}`,
    sent, account, loanId, caseId, transactions, chain: chainText, lender,
    close: () => {
      for (const stream of streams) stream.end();
      server.closeAllConnections();
      server.close();
    },
  };
}
