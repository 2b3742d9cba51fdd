/**
 * Verifies a proof file beside the page, in a worker, so that the page answers meanwhile however long it takes.
 */

/**
 * What `verifyBundle` says, as plain values.
 * @param {Uint8Array} file
 * @param {Uint8Array} genesis
 * @param {string} typed the network's id
 * @param {AbortSignal} [signal] ends it
 * @returns {Promise<import('../verify/bundle.js').Report>}
 */
export function verifyAside(file, genesis, typed, signal) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('../verify/worker.js', import.meta.url), { type: 'module' });
    const end = (settle, value) => {
      worker.terminate();
      settle(value);
    };
    worker.addEventListener('message', ({ data }) => {
      if (data.mistake === undefined) end(resolve, data.report);
      else end(reject, new Error(data.mistake));
    });
    worker.addEventListener('error', (event) => end(reject, new Error(event.message || 'the verifier could not be started')));
    signal?.addEventListener('abort', () => end(reject, signal.reason), { once: true });
    worker.postMessage({ file, genesis, typed });
  });
}
