// Runs in a real browser (see browser.test.js): verifies golden files, and the same files with a bit flipped.

import { verifyBundle } from '../verify/bundle.js';
import { fromHex } from '../verify/bytes.js';
import { acceptedByLibrary, verify } from '../verify/ed25519.js';

async function bytesOf(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Of "Taming the many EdDSAs", 1 and 4: valid by the network's rule, whatever the library says. */
const LENIENT = [
  ['c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    '9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79',
    'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04'],
  ['cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d',
    'e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c',
    '160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed5125ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09'],
];

async function run() {
  const names = new URLSearchParams(location.search).get('names').split(',');
  const genesis = await bytesOf('golden/genesis.toml');
  const typed = new TextDecoder().decode(await bytesOf('golden/chain-id.txt'));
  const bundles = {};
  for (const name of names) {
    const file = await bytesOf(`golden/${name}.proof`);
    const whole = await verifyBundle(file, genesis, typed);
    file[file.length >> 1] ^= 1;
    const altered = await verifyBundle(file, genesis, typed);
    bundles[name] = { whole: whole.verified, refusal: whole.refusal?.message, altered: altered.verified };
  }
  const lenient = [];
  for (const row of LENIENT) {
    const parts = row.map((text) => fromHex(text));
    lenient.push({ verified: await verify(...parts), library: await acceptedByLibrary(...parts) });
  }
  return { bundles, lenient };
}

run().catch((error) => ({ error: String(error) }))
  .then((found) => fetch('/found', { method: 'POST', body: JSON.stringify(found) }));
