// The desk in a real browser: every page, in every situation, as people use it. Needs Chromium and `playwright-core`
// (see page_browser.test.js). `TALEA_SCREENSHOTS` names a folder for pictures.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test from 'node:test';

import { CHROMIUM } from './support/chromium.js';
import { serveDesk } from './support/desk_server.js';
import { readText, pathOf } from './support/golden.js';
import { VIEWS, check, gather } from './support/page_check.js';

const { TALEA_PLAYWRIGHT: folder, TALEA_SCREENSHOTS: pictures } = process.env;
const skip = CHROMIUM && folder ? false : 'there is no Chromium, or TALEA_PLAYWRIGHT does not say where playwright-core is';

let browser;
let desk;

/** Opens a page of the desk, and gathers what goes wrong in it. */
async function open(view, situation, hash) {
  const page = await browser.newPage(VIEWS[view]);
  const wrong = gather(page);
  await page.goto(desk.url(situation) + hash);
  await page.waitForSelector('#page:not([aria-busy]) h1');
  return { page, wrong };
}

async function look(page, view, what) {
  await check(page, `${view}, ${what}`);
  if (pictures) await page.screenshot({ path: `${pictures}/desk-${view}-${what}.png`, fullPage: true });
}

const PAGES = () => ({
  network: '#/', blocks: '#/blocks', block: '#/block/3', transaction: `#/transaction/${desk.transactions[2].id}`, account: `#/account/${desk.account}`,
  participant: `#/participant/${desk.lender.id}`, loan: `#/loan/${desk.loanId}`, case: `#/case/${desk.caseId}`, 'case-file': `#/case-file/${desk.account}`, scorecard: '#/scorecard',
  'loan-book': '#/loan-book', settlement: '#/settlement', packs: '#/packs', pack: '#/pack/us-reg-f', explain: '#/explain', search: '#/search?q=some', 'sign-in': '#/sign-in', 'no-page': '#/nowhere',
});

/** Pages that are refused as a whole. */
const REFUSED_TO = {
  'debtor-normal': ['scorecard', 'loan-book'],
  'agency-normal': ['account'],
  'lender-normal': ['account'],
  nobody: ['account', 'participant', 'loan', 'case', 'case-file', 'scorecard', 'loan-book', 'settlement'],
};

test('the desk', { skip }, async (t) => {
  const { chromium } = createRequire(`${folder}/`)('playwright-core');
  desk = await serveDesk();
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  t.after(async () => {
    await browser.close();
    desk.close();
  });

  for (const view of Object.keys(VIEWS)) {
    await t.test(`every page, ${view}`, async () => {
      const { page, wrong } = await open(view, 'normal', '#/');
      for (const [name, hash] of Object.entries(PAGES())) {
        await page.goto(desk.url('normal') + hash);
        await page.waitForFunction((wanted) => location.hash === wanted && document.querySelector('#page:not([aria-busy]) h1'), hash);
        await page.waitForTimeout(120);
        assert.equal(await page.locator('.trouble').count(), 0, `${name}: ${await page.locator('#page').textContent()}`);
        if (name === 'participant' && view === 'wide') {
          const events = page.locator('ol.timeline > li');
          assert.equal(await events.filter({ hasText: 'in the file of the debtor whom it is about' }).count(), await events.count());
        }
        await look(page, view, name);
      }
      assert.equal(await page.evaluate(() => document.documentElement.lang), view === 'chinese' ? 'zh-Hans' : 'en');
      assert.deepEqual(wrong, []);
      await page.close();
    });
  }

  await t.test('every page, by those who do not see everything', async () => {
    for (const situation of ['debtor-normal', 'agency-normal', 'lender-normal', 'nobody']) {
      const { page, wrong } = await open('wide', situation, '#/');
      for (const [name, hash] of Object.entries(PAGES())) {
        await page.goto(desk.url(situation) + hash);
        await page.waitForFunction((wanted) => location.hash === wanted && document.querySelector('#page:not([aria-busy]) h1'), hash);
        const trouble = await page.locator('.trouble').evaluateAll((all) => all.map((one) => one.dataset.code));
        // A refusal is an answer. What is listed here is refused as a whole; of all else a part is shown.
        const refused = trouble.length > 0 && trouble.every((code) => code === (situation === 'nobody' ? 'READER_REQUIRED' : 'DENIED'));
        assert.ok(refused ? REFUSED_TO[situation].includes(name) : trouble.length === 0, `${situation} ${name}: ${trouble}`);
        await look(page, 'wide', `${situation}-${name}`);
        // What names a debtor is not for who has not said who asks, and neither are its receipt and why it was refused.
        if (name === 'transaction') {
          for (const part of ['.verify', '.rules']) assert.equal(await page.locator(part).count(), situation === 'nobody' ? 0 : 1, `${situation} ${part}`);
        }
        if (name === 'participant' && situation !== 'nobody') assert.equal(await page.locator('ol.timeline').count(), situation === 'lender-normal' ? 1 : 0, situation);
      }
      assert.deepEqual(wrong, []);
      await page.close();
    }
  });

  await t.test('who reads, and what everybody has to know, is on every page', async () => {
    for (const [situation, hash] of [['nobody', '#/sign-in'], ['debtor-normal', '#/my-file']]) {
      for (const view of ['narrow', 'chinese']) {
        const { page, wrong } = await open(view, situation, hash);
        await look(page, view, `${situation}-${hash.slice(2)}`);
        assert.deepEqual(wrong, []);
        await page.close();
      }
    }
    for (const [situation, code] of [['stalled', 'warn'], ['waiting', 'warn'], ['difference', 'bad'], ['normal', null], ['empty', null]]) {
      for (const hash of ['#/', '#/blocks', '#/scorecard', '#/loan-book', '#/settlement']) {
        const { page, wrong } = await open('wide', situation, hash);
        assert.equal(await page.locator('#banner .banner').count(), code === null ? 0 : 1, `${situation} ${hash}`);
        if (code) assert.equal(await page.locator(`#banner .banner.${code}`).count(), 1);
        if (hash === '#/' || situation === 'empty') await look(page, 'wide', `${situation}-${hash.slice(2) || 'network'}`);
        assert.deepEqual(wrong, []);
        await page.close();
      }
    }
  });

  await t.test('a proof is verified here, and a server that tells otherwise is shown as such', async () => {
    const hash = `#/transaction/${desk.transactions[2].id}`;
    for (const [situation, typed, expected] of [
      ['normal', desk.chain, 'holds'], ['tampered-proof', desk.chain, 'fails'], ['other-proof', desk.chain, 'objection.other'], ['lying', desk.chain, 'objection.outcome'],
      ['normal', `${desk.chain.slice(0, -1)}${desk.chain.endsWith('0') ? '1' : '0'}`, 'genesis-other'],
    ]) {
      const { page, wrong } = await open('wide', situation, hash);
      await page.fill('#trusted', typed);
      await page.press('#trusted', 'Enter');
      await page.waitForSelector('.verdict');
      const verdict = page.locator('.verdict');
      assert.equal(await verdict.evaluate((one) => one.classList.contains('holds')), expected === 'holds', `${situation}: ${await verdict.textContent()}`);
      if (!['holds', 'fails'].includes(expected)) assert.equal(await verdict.getAttribute('data-code'), expected);
      await look(page, 'wide', `verify-${situation}-${expected}`);
      // The id is remembered for the next proof.
      assert.equal(await page.evaluate(() => localStorage.getItem('talea.network-id')), typed);
      assert.deepEqual(wrong, []);
      await page.close();
    }
  });

  await t.test('a case file is held against its proof', async () => {
    for (const [situation, whole] of [['normal', true], ['tampered', false]]) {
      const { page, wrong } = await open('wide', situation, `#/case-file/${desk.account}`);
      await page.fill('#trusted', desk.chain);
      await page.click('.verify button.main');
      await page.waitForSelector('.verdict');
      assert.equal(await page.locator('.verdict.holds').count(), 1);
      assert.equal(await page.locator('[data-code="shown-otherwise"]').count(), whole ? 0 : 1, situation);
      assert.equal(await page.locator('.proof[data-state="wrong"]').count(), whole ? 0 : 1);
      assert.ok(await page.locator('.proof[data-state="proved"]').count() > 5);
      await look(page, 'wide', `case-file-${situation}`);
      assert.deepEqual(wrong, []);
      await page.close();
    }
  });

  await t.test('a case file of 5,000 entries is shown a part at a time, and by kind', async () => {
    const { page, wrong } = await open('narrow', 'long', `#/case-file/${desk.account}`);
    const entries = page.locator('.card > .paged > .timeline > li');
    assert.equal(await entries.count(), 50);
    await page.click('.foot button');
    await page.waitForFunction(() => document.querySelectorAll('.card > .paged > .timeline > li').length === 100);
    await look(page, 'narrow', 'case-file-long');
    await page.locator('fieldset label', { hasText: 'Contact refused' }).click();
    await page.waitForFunction(() => location.hash.includes('kinds=refusal'));
    await page.waitForFunction(() => [...document.querySelectorAll('.timeline > li[data-kind]')].length > 0 && [...document.querySelectorAll('.timeline > li[data-kind]')].every((one) => one.dataset.kind === 'refusal'));
    await page.goBack();
    await page.waitForFunction(() => document.querySelector('.timeline > li[data-kind="permit"]'));
    assert.deepEqual(wrong, []);
    await page.close();
  });

  await t.test('nobody sees a debtor without saying who it is; a record comes first', async () => {
    const { page } = await open('wide', 'nobody', `#/case-file/${desk.account}`);
    assert.equal(await page.getAttribute('.trouble', 'data-code'), 'READER_REQUIRED');
    await look(page, 'wide', 'nobody');
    await page.click('.trouble a');
    await page.waitForFunction(() => location.hash.startsWith('#/sign-in'));
    await page.close();
    const { page: other } = await open('wide', 'record-first', `#/case-file/${desk.account}`);
    assert.match(await other.textContent('.trouble code'), /^talea access log debtor:acct1/);
    await other.close();
  });

  await t.test('a key file opens here and begins a session', async () => {
    const { page, wrong } = await open('wide', 'nobody', '#/sign-in');
    await page.fill('#as', desk.account);
    await page.setInputFiles('#key-file', pathOf('audit/web/tests/golden/debtor.key'));
    await page.fill('#passphrase', 'another passphrase');
    await page.press('#passphrase', 'Enter');
    await page.waitForSelector('.trouble');
    assert.equal(await page.getAttribute('.trouble', 'data-code'), 'KEY_PASSPHRASE');
    await page.fill('#passphrase', 'a passphrase for golden files');
    await page.press('#passphrase', 'Enter');
    await page.waitForFunction(() => sessionStorage.getItem('talea.session') === 'a-session', undefined, { timeout: 20_000 });
    const { authorization, body } = desk.sent.filter(({ name }) => name === 'session').pop();
    assert.match(authorization, /^Talea [A-Za-z0-9_-]{100,}$/);
    assert.equal(body.length, 0);
    assert.deepEqual(wrong, []);
    await page.close();
    // Neither the passphrase nor the file was sent anywhere.
    for (const { body: one } of desk.sent) assert.ok(!one.includes('passphrase') && !one.includes('PRIVATE KEY'));
  });

  await t.test('the operator’s link brings a session and does not stay', async () => {
    const { page } = await open('wide', 'normal', '#session=abc_123');
    assert.equal(await page.evaluate(() => sessionStorage.getItem('talea.session')), 'abc_123');
    assert.equal(new URL(page.url()).hash, '#/');
    await page.close();
  });

  await t.test('a debtor sees its file, and disputes with its own key', async () => {
    const { page, wrong } = await open('wide', 'debtor-normal', '#/my-file');
    await look(page, 'wide', 'my-file');
    const said = 'I paid this on 3 March.';
    await page.fill('#dispute-said', said);
    await page.setInputFiles('#dispute-key-file', pathOf('audit/web/tests/golden/debtor.key'));
    await page.fill('#dispute-passphrase', 'a passphrase for golden files');
    const download = page.waitForEvent('download');
    await page.locator('form', { hasText: 'Dispute a debt' }).locator('button.main').click();
    assert.equal((await download).suggestedFilename(), 'dispute-opening.json');
    await page.waitForFunction(() => document.querySelector('#page .tag.good') && document.body.textContent.includes('It is on the ledger'), undefined, { timeout: 20_000 });
    const { body } = desk.sent.filter(({ name }) => name === 'transaction').pop();
    assert.ok(!body.includes(said), 'what was said stays here');
    await look(page, 'wide', 'my-file-disputed');
    // The command instead.
    await page.fill('#complaint-said', 'They called at night.');
    await page.locator('form', { hasText: 'Complain' }).last().locator('button.more').click();
    await page.waitForSelector('pre.document');
    assert.match(await page.textContent('pre.document'), /^talea debtor complain acct1\w+ --against org1\w+ --reason 1 --commitment [0-9a-f]{64} --key FILE$/);
    assert.deepEqual(wrong, []);
    await page.close();
  });

  await t.test('by keyboard alone', async () => {
    const { page } = await open('wide', 'normal', '#/');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'skip');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'page');
    await page.keyboard.press('/');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'query');
    await page.keyboard.type('one');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => location.hash === '#/block/3');
    await page.waitForFunction(() => document.activeElement.id === 'page');
    await page.close();
  });

  await t.test('a new block is shown when it comes', async () => {
    const { page, wrong } = await open('wide', 'growing', '#/');
    const height = () => page.locator('.tiles dd').first().textContent();
    const before = Number(await height());
    await page.waitForFunction((known) => Number(document.querySelector('.tiles dd').textContent) > known, before);
    assert.match(await page.textContent('#tip'), new RegExp(`Height ${await height()} `));
    assert.deepEqual(wrong, []);
    await page.close();
  });

  await t.test('a page that was left at once does not cover the next one', async () => {
    const { page, wrong } = await open('wide', 'normal', '#/');
    await page.evaluate(() => {
      location.hash = '#/blocks';
      location.hash = '#/packs';
    });
    await page.waitForSelector('#page:not([aria-busy]) table');
    // Longer than a page waits before it says that it loads.
    await page.waitForTimeout(400);
    assert.equal(await page.locator('.waiting').count(), 0);
    assert.equal(await page.locator('#page table').count(), 1);
    assert.deepEqual(wrong, []);
    await page.close();
  });

  await t.test('what if is asked and answered', async () => {
    const { page, wrong } = await open('wide', 'normal', '#/explain');
    await page.fill('#if-case', 'nonsense');
    await page.click('button.main');
    assert.match(await page.textContent('#page [role="status"]'), /case1/);
    await page.fill('#if-case', desk.caseId);
    await page.fill('#if-loan', desk.loanId);
    await page.click('button.main');
    await page.waitForSelector('.rules li');
    const { body } = desk.sent.filter(({ name }) => name === 'explain').pop();
    const asked = JSON.parse(body.toString());
    assert.deepEqual([asked.case, asked.channel, asked.party, asked.purpose, asked.contact_point], [desk.caseId, 'voice_call', 'debtor', 'payment', '']);
    await look(page, 'wide', 'explain-answered');
    assert.deepEqual(wrong, []);
    await page.close();
  });

  await t.test('rolls are shown month by month, with their figures', async () => {
    for (const view of ['wide', 'narrow', 'chinese']) {
      const { page, wrong } = await open(view, 'normal', '#/loan-book');
      const rolls = page.locator('.rolls > table');
      const lines = () => rolls.locator('tbody tr').evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
      // The newest month first: every standing has a line, and each line its share.
      assert.equal((await lines()).length, 9);
      assert.deepEqual((await lines())[1].slice(1, 3), ['870 (87%)', '100 (10%)']);
      const months = await page.locator('#month option').evaluateAll((all) => all.map(({ value }) => value));
      assert.deepEqual(months, ['20787', '20757', '20726']);
      await page.selectOption('#month', '20726');
      await page.waitForFunction(() => location.hash.includes('month=20726'));
      await page.waitForFunction(() => document.querySelectorAll('.rolls > table tbody tr').length === 1);
      assert.deepEqual((await lines())[0].slice(1), ['1,000 (100%)', '1,000']);
      assert.equal(await page.locator('.rolls .drawing svg[role="img"]').count(), 1);
      await look(page, view, 'loan-book-rolls');
      assert.deepEqual(wrong, []);
      await page.close();
    }
    // A lender without any, and a network whose first month has not ended.
    const { page: none } = await open('wide', 'normal', '#/loan-book');
    await none.selectOption('#lender', { index: 2 });
    await none.waitForFunction(() => document.querySelector('.rolls > .nothing'));
    await none.close();
    const { page: young } = await open('wide', 'empty', '#/loan-book');
    assert.match(await young.textContent('.rolls'), /No month has ended yet/);
    await young.close();
  });

  await t.test('a desk that is gone is said to be gone', async () => {
    const { page } = await open('wide', 'normal', '#/');
    await page.waitForTimeout(500);
    await page.context().setOffline(true);
    await page.click('#nav a[href="#/blocks"]');
    await page.waitForSelector('.trouble');
    assert.equal(await page.getAttribute('.trouble', 'data-code'), 'NOT_REACHED');
    await page.close();
  });

  assert.ok(readText('audit/web/desk/index.html').includes("default-src 'none'"));
});
