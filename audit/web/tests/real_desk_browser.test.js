// The desk as it is run, in a real browser: every page as a regulator, an agency, a debtor and nobody sees it, against
// `talea-audit serve` beside four validators. Needs the programs (support/real_desk.js) and what desk_browser.test.js
// needs. `TALEA_SCREENSHOTS` names a folder for pictures, `TALEA_DEMO` a network that runs already.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test from 'node:test';

import { CHROMIUM } from './support/chromium.js';
import { VIEWS, check, gather } from './support/page_check.js';
import { MISSING, serveRealDesk } from './support/real_desk.js';

const { TALEA_PLAYWRIGHT: folder, TALEA_SCREENSHOTS: pictures } = process.env;
const skip = CHROMIUM && folder ? MISSING : 'there is no Chromium, or TALEA_PLAYWRIGHT does not say where playwright-core is';

/** How each is seen. */
const SEEN = { regulator: ['wide', 'narrow', 'chinese'], agency: ['wide', 'chinese'], debtor: ['narrow', 'chinese'], nobody: ['wide', 'narrow'] };

/** What is refused as a whole; everything else is shown, in part where not all of it is for the reader. */
const REFUSED = {
  regulator: [], agency: ['account'], debtor: ['scorecard', 'loan-book'],
  nobody: ['account', 'participant', 'organisation', 'loan', 'case', 'case-file', 'scorecard', 'loan-book', 'settlement'],
};

let browser;
let desk;

const PAGES = () => ({
  network: '#/', blocks: '#/blocks', block: `#/block/${desk.height}`, payment: `#/search?q=${desk.fund}`, permitted: `#/transaction/${desk.permitted}`, refused: `#/transaction/${desk.refused}`,
  disputed: `#/transaction/${desk.disputed}`, account: `#/account/${desk.debtor}`, participant: `#/participant/${desk.agency}`, organisation: `#/participant/${desk.bank}`, loan: `#/loan/${desk.loan}`,
  case: `#/case/${desk.case}`, 'case-file': `#/case-file/${desk.debtor}`, scorecard: '#/scorecard', 'loan-book': '#/loan-book', settlement: '#/settlement', packs: '#/packs', pack: '#/pack/us-reg-f',
  explain: '#/explain', permit: `#/search?q=${desk.permit}`, 'my-file': '#/my-file', 'sign-in': '#/sign-in',
});

/** Opens a page as somebody. */
async function open(view, reader, hash) {
  const page = await browser.newPage(VIEWS[view]);
  const wrong = gather(page);
  const secret = desk.sessions[reader];
  await page.goto(desk.url + (secret === null ? '#/' : `#session=${secret}`));
  await page.waitForSelector('#page:not([aria-busy]) h1');
  await go(page, hash);
  return { page, wrong };
}

async function go(page, hash) {
  await page.goto(desk.url + hash);
  // A search that finds one thing goes there.
  await page.waitForFunction((wanted) => (location.hash === wanted || wanted.startsWith('#/search')) && document.querySelector('#page:not([aria-busy]) h1'), hash);
  await page.waitForTimeout(150);
}

/** Waits until the desk has followed the network to the block of a transaction. */
async function waitForDesk(transaction) {
  const until = Date.now() + 60_000;
  const found = () => desk.api(`transaction/${transaction}`).then(() => true, () => false);
  while (!await found()) {
    assert.ok(Date.now() < until, `the desk does not know ${transaction}`);
    await new Promise((done) => { setTimeout(done, 100); });
  }
}

async function look(page, name) {
  await check(page, name);
  if (pictures) await page.screenshot({ path: `${pictures}/real-${name}.png`, fullPage: true });
}

test('the desk as it is run', { skip }, async (t) => {
  const { chromium } = createRequire(`${folder}/`)('playwright-core');
  desk = await serveRealDesk();
  t.after(() => desk.close());
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  t.after(() => browser.close());

  for (const [reader, views] of Object.entries(SEEN)) {
    for (const view of views) {
      await t.test(`every page, ${reader}, ${view}`, async () => {
        const { page, wrong } = await open(view, reader, '#/');
        for (const [name, hash] of Object.entries(PAGES())) {
          await go(page, hash);
          const trouble = await page.locator('.trouble').evaluateAll((all) => all.map((one) => `${one.dataset.code}: ${one.textContent}`));
          const expected = REFUSED[reader].includes(name) ? [reader === 'nobody' ? 'READER_REQUIRED' : 'DENIED'] : [];
          assert.deepEqual(trouble.map((one) => one.split(':')[0]), expected, `${name}: ${trouble}`);
          await look(page, `${reader}-${view}-${name}`);
        }
        assert.deepEqual(wrong, []);
        await page.close();
      });
    }
  }

  await t.test('who sees a debtor’s file is seen there, but for the debtor', async () => {
    const { page, wrong } = await open('wide', 'debtor', '#/my-file?kinds=look');
    const readers = await page.locator('.timeline > li[data-kind="look"] p:first-of-type').allTextContents();
    assert.ok(readers.some((one) => one.includes('agency-1')), `${readers}`);
    assert.ok(readers.every((one) => !one.includes('acct1')), `${readers}`);
    const shown = await page.locator('.timeline > li[data-kind="look"]').count();
    await page.goto(`${desk.url}#/my-file?kinds=look,other`);
    await go(page, '#/my-file?kinds=look');
    assert.equal(await page.locator('.timeline > li[data-kind="look"]').count(), shown, 'its own visits add none');
    assert.deepEqual(wrong, []);
    await page.close();
  });

  await t.test('what is shown is proved by what the desk hands out', async () => {
    for (const [reader, hash] of [['regulator', `#/case-file/${desk.debtor}`], ['debtor', '#/my-file'], ['agency', `#/transaction/${desk.refused}`]]) {
      const { page, wrong } = await open('wide', reader, hash);
      await page.fill('#trusted', desk.chain);
      await page.press('#trusted', 'Enter');
      await page.waitForSelector('.verdict');
      assert.equal(await page.locator('.verdict.holds').count(), 1, await page.locator('.verdict').textContent());
      assert.equal(await page.locator('[data-code="shown-otherwise"], .proof[data-state="wrong"]').count(), 0, reader);
      await look(page, `${reader}-wide-verified`);
      assert.deepEqual(wrong, []);
      await page.close();
    }
  });

  await t.test('a debtor complains with its own key, and it is on the ledger', async () => {
    const { page, wrong } = await open('wide', 'debtor', '#/my-file');
    const form = page.locator('form', { hasText: 'Complain' }).last();
    await page.fill('#complaint-said', 'They called at night.');
    await page.setInputFiles('#complaint-key-file', desk.key);
    await page.fill('#complaint-passphrase', desk.passphrase);
    await form.locator('button.main').click();
    await page.waitForFunction(() => document.body.textContent.includes('It is on the ledger'), undefined, { timeout: 60_000 });
    await look(page, 'debtor-wide-complained');
    const id = await form.locator('a[href^="#/transaction/"]').getAttribute('href');
    // The desk knows it once its block is verified.
    await waitForDesk(id.split('/').pop());
    await go(page, id);
    assert.equal(await page.locator('.trouble').count(), 0);
    assert.deepEqual(wrong, []);
    await page.close();
  });
});
