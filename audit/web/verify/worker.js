/**
 * The verifier as a worker: takes a proof file, a genesis document and the id that the reader typed, and answers
 * with the report. It asks nobody for anything.
 */

import { verifyBundle } from './bundle.js';

self.addEventListener('message', async ({ data: { file, genesis, typed } }) => {
  try {
    const report = await verifyBundle(file, genesis, typed);
    const { refusal } = report;
    // What is sent from a worker keeps its values, not its class.
    const plain = refusal && { code: refusal.code, details: refusal.details, message: refusal.message };
    self.postMessage({ report: { ...report, refusal: plain } });
  } catch (mistake) {
    self.postMessage({ mistake: String(mistake) });
  }
});
