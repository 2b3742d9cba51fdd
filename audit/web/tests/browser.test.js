// The same verifier in a real browser, under the strictest policy: golden files and altered ones.

import assert from 'node:assert/strict';
import test from 'node:test';

import { CHROMIUM, documentOf } from './support/chromium.js';
import { bundles } from './support/golden.js';
import { serve } from './support/serve.js';

test('golden files verify in Chromium, altered ones do not', { skip: CHROMIUM ? false : 'there is no Chromium' }, async () => {
  const names = bundles().map((bundle) => bundle.name);
  const server = await serve();
  let html;
  try {
    html = await documentOf(`${server.url}tests/browser.html?names=${names}`);
  } finally {
    server.close();
  }
  const text = /<pre id="found">(.*)<\/pre>/s.exec(html)?.[1].replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('&amp;', '&');
  const found = JSON.parse(text ?? 'null');
  assert.equal(found?.error, undefined, html);
  for (const name of names) assert.deepEqual(found.bundles[name], { whole: true, altered: false }, name);
  assert.deepEqual(found.lenient.map((one) => one.verified), [true, true]);
});
