// The page in a real browser, used as a person uses it. Needs Chromium and, in the folder that
// `TALEA_PLAYWRIGHT` names, `playwright-core` (npm install playwright-core, anywhere outside the repository).
// `TALEA_SCREENSHOTS` names a folder for pictures.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test from 'node:test';

import { CHROMIUM } from './support/chromium.js';
import { bundles } from './support/golden.js';
import { serve } from './support/serve.js';

const { TALEA_PLAYWRIGHT: folder, TALEA_SCREENSHOTS: pictures } = process.env;
const skip = CHROMIUM && folder ? false : 'there is no Chromium, or TALEA_PLAYWRIGHT does not say where playwright-core is';

/** How the page is looked at. */
const VIEWS = {
  wide: { viewport: { width: 1200, height: 900 }, colorScheme: 'light', locale: 'en-GB' },
  narrow: { viewport: { width: 360, height: 740 }, colorScheme: 'light', locale: 'en-GB' },
  dark: { viewport: { width: 1200, height: 900 }, colorScheme: 'dark', locale: 'en-GB' },
  chinese: { viewport: { width: 800, height: 900 }, colorScheme: 'light', locale: 'zh-CN' },
};

const named = (name) => bundles().find((bundle) => bundle.name === name);
const asFile = (name, bytes) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) });

test('the page shows what is proved, and what is not', { skip }, async (t) => {
  const { chromium } = createRequire(`${folder}/`)('playwright-core');
  const server = await serve();
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  t.after(async () => {
    await browser.close();
    server.close();
  });
  for (const [view, settings] of Object.entries(VIEWS)) {
    const page = await browser.newPage(settings);
    const wrong = [];
    page.on('console', (message) => wrong.push(message.text()));
    page.on('pageerror', (error) => wrong.push(error.message));
    await page.goto(`${server.url}verify.html`);
    const look = async (what) => {
      const beyond = await page.evaluate(() => [...document.querySelectorAll('body *')].filter((one) =>
        one.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map((one) => one.tagName));
      assert.deepEqual(beyond, [], `${view}, ${what}: beyond the edge`);
      if (pictures) await page.screenshot({ path: `${pictures}/${view}-${what}.png`, fullPage: true });
    };
    const ask = async (typed, genesis, bytes) => {
      await page.fill('#typed', typed);
      await page.setInputFiles('#genesis', asFile('genesis.toml', genesis));
      await page.setInputFiles('#proof', asFile('some.proof', bytes));
      await page.focus('button.main');
      await page.keyboard.press('Enter');
      await page.waitForSelector('.verdict');
    };
    await look('empty');
    for (const { name, file, genesis, chain } of bundles()) {
      await ask(chain, genesis, file);
      assert.equal(await page.locator('.verdict.holds').count(), 1, name);
      for (const one of await page.locator('details').all()) await one.evaluate((element) => { element.open = true; });
      await look(name);
    }
    const { file, genesis, chain } = named('audit-debtor');
    await ask(chain, genesis, file);
    assert.equal(await page.locator('.timeline > li').count(), 23);
    const altered = file.slice();
    altered[altered.length - 40] ^= 1;
    await ask(chain, genesis, altered);
    assert.equal(await page.locator('.verdict.fails').count(), 1);
    assert.equal(await page.locator('.timeline').count(), 0, 'nothing of an altered file is shown');
    await look('altered');
    await ask(`${chain.slice(0, -1)}${chain.endsWith('0') ? '1' : '0'}`, genesis, file);
    assert.equal(await page.locator('.verdict.fails').getAttribute('data-code'), 'genesis-other');
    // The verdict speaks the other language at once, and goes away with what it was about.
    const [other, words] = view === 'chinese' ? ['en', 'Not verified'] : ['zh', '验证未通过'];
    await page.click(`[data-language="${other}"]`);
    assert.equal(await page.textContent('.verdict h2'), words);
    await page.fill('#typed', chain);
    assert.equal(await page.locator('.verdict').count(), 0);
    assert.deepEqual(wrong, [], view);
    await page.close();
  }
});
