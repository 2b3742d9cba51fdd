// The desk as it is run: a network of four processes with a debtor, a loan and a case, and `talea-audit serve` beside
// it. Needs the programs, built: `cargo build --release --bin talea-node --bin talea --bin talea-audit`.

import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

import { pathOf } from './golden.js';

const PROGRAMS = join(process.env.CARGO_TARGET_DIR ?? pathOf('target'), 'release');
const program = (name) => join(PROGRAMS, name);
/** Why it cannot be started here, or `false`. */
export const MISSING = ['talea-node', 'talea', 'talea-audit'].every((name) => existsSync(program(name))) ? false : `there are no programs in ${PROGRAMS}: cargo build --release --bins`;

const PATIENCE_MS = 120_000;
const run = promisify(execFile);
/** Stands for what was said and for a telephone number, of which the ledger has commitments. */
const COMMITMENT = '77'.repeat(32);

/** Starts a program that goes on, and gives what it prints when it is ready. */
async function start(name, words) {
  const child = spawn(program(name), words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (part) => { said = (said + part).slice(-4096); });
  const first = new Promise((found, fail) => {
    createInterface({ input: child.stdout }).on('line', found);
    child.on('exit', (code) => fail(new Error(`${name} ended with ${code}: ${said}`)));
    setTimeout(() => fail(new Error(`${name} does not begin: ${said}`)), PATIENCE_MS).unref();
  });
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.removeAllListeners('exit');
    const ended = new Promise((done) => { child.on('exit', done); });
    child.kill('SIGTERM');
    await ended;
  };
  try {
    return { first: await first, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** The network in a directory: who is in it, and how `talea` signs and reads there. */
function network(directory) {
  const file = JSON.parse(readFileSync(join(directory, 'localnet.json'), 'utf8'));
  const organisation = (name) => {
    const found = file.organisations.find((one) => one.name === name);
    return { id: found.id, key: join(directory, found.key) };
  };
  const passphrase = join(directory, file.passphrase_file);
  const nodes = file.nodes.map(({ grpc }) => `http://${grpc}`);
  const env = { ...process.env, TALEA_NODES: nodes.join(','), TALEA_GENESIS: join(directory, file.genesis) };
  /** What a command says, also one that the network refused. */
  const talea = async (words, keys = []) => {
    const signing = keys.length > 0 ? [...keys.flatMap((key) => ['--key', key]), '--passphrase-file', passphrase] : [];
    try {
      return JSON.parse((await run(program('talea'), [...words.split(' '), ...signing, '--json'], { env })).stdout);
    } catch (error) {
      if (error.code === 3) return JSON.parse(error.stdout);
      throw new Error(`talea ${words}: ${error.stderr ?? error}`);
    }
  };
  /** A token of a reader for a desk. */
  const token = async (deskKey, reader, key) => {
    const words = ['token', '--json', '--desk-key', deskKey, '--reader', reader, '--reader-key', key, '--reader-passphrase-file', passphrase];
    return JSON.parse((await run(program('talea-audit'), words, { env })).stdout).token;
  };
  return { organisation, talea, token, passphrase };
}

/** A debt in New York: lent, collected, a letter permitted, a contact refused, disputed, complained about. */
async function story({ organisation, talea, passphrase, own }) {
  const [bank, agency, bureau] = ['bank-1', 'agency-1', 'bureau'].map(organisation);
  const key = `${own}.key`;
  const public_ = async (file) => (await talea(`keys show ${file}`)).public_key;
  await talea(`keys new ${key} --passphrase-file ${passphrase}`);
  const debtor = (await talea(`account open --sponsor ${bank.id} --holder ${await public_(key)} --tier 2`, [bank.key, key])).account;
  const fund = (await talea(`account open --sponsor ${bank.id} --kind own --holder ${await public_(bank.key)} --tier 2`, [bank.key])).account;
  await talea(`issue 100000 USD --account ${fund} --as ${bank.id}`, [bank.key]);
  await talea(`debtor register ${debtor} --residence US-NY --time-zone America/New_York --language en --sponsor ${bank.id}`, [bank.key, key]);
  const example = (await run(program('talea'), ['loan', 'product', 'example'])).stdout;
  writeFileSync(`${own}.product.toml`, example.replace('CZK', 'USD'));
  const { product } = await talea(`loan product publish ${own}.product.toml --lender ${bank.id}`, [bank.key]);
  writeFileSync(`${own}.agreement.toml`, `asset = "USD"\nservicer = "${fund}"\nservicing = "1%"\nloan_max = "50000.00"\noutstanding_max = "90000.00"\n[[funders]]\naccount = "${fund}"\nshare = "100%"\n`);
  const { agreement } = await talea(`loan agreement register ${own}.agreement.toml --lender ${bank.id}`, [bank.key]);
  const { business_date: today } = await talea('network');
  const first = new Date(Date.parse(today) + 20 * 86_400_000).toISOString().slice(0, 10);
  const { loan } = await talea(`loan originate 12000.00 USD --product ${product} --agreement ${agreement} --lender ${bank.id} --borrower ${debtor} --rate 12% --instalments 12 --first-due ${first} --law US`, [bank.key, key]);
  await talea(`loan disburse ${loan} --lender ${bank.id}`, [bank.key]);
  await talea(`loan repay ${loan} 100.00 USD --from ${debtor}`, [key]);
  const { case: place } = await talea(`case place --debtor ${debtor} --loan ${loan} --collector ${agency.id} --lender ${bank.id}`, [bank.key]);
  await talea(`case notice ${place} validation --text ${COMMITMENT} --as ${agency.id}`, [agency.key]);
  const ask = `case permit ${place} --loan ${loan} --channel letter --point ${COMMITMENT} --collector ${agency.id}`;
  const { permit, transaction: permitted } = await talea(ask, [agency.key]);
  await talea(`case outcome ${permit} sent --collector ${agency.id}`, [agency.key]);
  const { transaction: disputed } = await talea(`debtor dispute ${loan} --debtor ${debtor} --reason 1 --commitment ${COMMITMENT}`, [key]);
  const { transaction: refused } = await talea(ask, [agency.key]);
  await talea(`debtor complain ${debtor} --against ${agency.id} --reason 1 --commitment ${COMMITMENT}`, [key]);
  await talea(`case answer-complaint ${debtor} 1 resolved --answer ${COMMITMENT} --as ${agency.id}`, [agency.key]);
  await talea(`loan furnish ${loan} --bureau ${bureau.id} --days-past-due 0 --lender ${bank.id}`, [bank.key]);
  return { debtor, key, loan, case: place, permit, permitted, disputed, refused, fund };
}

/**
 * Starts all of it. `TALEA_DEMO` names the directory of a network that runs already (`talea-node demo --stay --dir
 * DIR`), in which the story is told too; without it a new one is started.
 */
export async function serveRealDesk() {
  const folder = mkdtempSync(join(tmpdir(), 'talea-desk-'));
  const running = [];
  const close = async () => {
    for (const one of running.reverse()) await one.end();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const directory = process.env.TALEA_DEMO ?? join(folder, 'net');
    if (process.env.TALEA_DEMO === undefined) running.push(await start('talea-node', ['localnet', directory, '--collections', '--json']));
    const net = network(directory);
    const told = await story({ ...net, own: join(folder, 'of-the-story') });
    const desk = await start('talea-audit', ['serve', '--demo', directory, '--index', join(folder, 'desk.db'), '--listen', '127.0.0.1:0', '--json']);
    running.push(desk);
    const own = new URL(JSON.parse(desk.first).address);
    const api = async (path, authorization, method = 'GET') => {
      const answer = await fetch(new URL(`/api/${path}`, own), { method, headers: authorization ? { authorization } : {} });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return answer.json();
    };
    const { height } = await net.talea('network');
    const begun = Date.now();
    let shown = await api('network');
    while (shown.height < height) {
      if (Date.now() - begun > PATIENCE_MS) throw new Error(`the desk is at block ${shown.height}, the network at ${height}`);
      await new Promise((done) => { setTimeout(done, 100); });
      shown = await api('network');
    }
    const session = async (reader, key) => (await api('session', `Talea ${await net.token(shown.desk_key, reader, key)}`, 'POST')).secret;
    const [bank, agency] = ['bank-1', 'agency-1'].map(net.organisation);
    const sessions = {
      regulator: own.hash.replace('#session=', ''),
      agency: await session(agency.id, agency.key),
      debtor: await session(told.debtor, told.key),
      nobody: null,
    };
    return { ...told, bank: bank.id, agency: agency.id, height: shown.height, chain: shown.network, api, sessions, passphrase: readFileSync(net.passphrase, 'utf8').trim(), url: new URL('/desk/', own).href, close };
  } catch (error) {
    await close();
    throw error;
  }
}
