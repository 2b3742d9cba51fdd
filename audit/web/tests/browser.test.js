// The same verifier in a real browser, under the strictest policy: golden files and altered ones.

import assert from 'node:assert/strict';
import test from 'node:test';

import { CHROMIUM, visit } from './support/chromium.js';
import { bundles } from './support/golden.js';
import { serve } from './support/serve.js';

test('golden files verify in Chromium, altered ones do not', { skip: CHROMIUM ? false : 'there is no Chromium' }, async () => {
  const names = bundles().map((bundle) => bundle.name);
  const server = await serve();
  let found;
  try {
    found = await visit(`${server.url}tests/browser.html?names=${names}`, server.found);
  } finally {
    server.close();
  }
  assert.equal(found.error, undefined);
  for (const name of names) assert.deepEqual(found.bundles[name], { whole: true, altered: false }, name);
  assert.deepEqual(found.lenient.map((one) => one.verified), [true, true]);
});
