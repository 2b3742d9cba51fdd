/**
 * Verifies, in this browser, what the server of the desk says: fetches the proof and checks it against the network's
 * id that the reader typed. A proof of something else than was asked is no proof, and neither is one that says
 * something else than the server did.
 */

import { element } from '../page/element.js';
import { reportView } from '../page/view.js';
import { verifyAside } from '../page/verify_aside.js';
import { GENESIS_BYTES_MAX, PROOF_FILE_BYTES_MAX } from '../verify/limits.js';
import { button, errorView, field, save } from './parts.js';

const REMEMBERED = 'talea.network-id';

/** The id that the reader typed here before. @returns {string} */
export function rememberedId() {
  return localStorage.getItem(REMEMBERED) ?? '';
}

/**
 * @typedef {object} Verified what a proof shows
 * @property {import('../verify/bundle.js').Report} report
 * @property {string | null} objection a key of the texts: why a good proof is not good enough
 */

/**
 * @param {object} what
 * @param {any} what.context of the page
 * @param {string} what.path of the proof
 * @param {string} what.name of the file that is saved
 * @param {(report: import('../verify/bundle.js').Report) => string | null} what.objection what speaks against a proof
 *   that holds: a key of the texts
 * @param {(report: import('../verify/bundle.js').Report) => any} [what.verified] is told of a proof that holds, and may
 *   give something to show with it
 */
export function verifyPanel({ context, path, name, objection, verified = () => null }) {
  const { words, api } = context;
  const typed = /** @type {HTMLInputElement} */ (element('input.code', {
    type: 'text', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', maxlength: 80, value: rememberedId(),
  }));
  const output = element('div.report', { role: 'status', 'aria-live': 'polite' });
  const fetchProof = () => api.ask(path, { signal: context.signal, max: PROOF_FILE_BYTES_MAX });

  const verify = async () => {
    const id = typed.value.trim().toLowerCase();
    if (!/^[0-9a-f]{64}$/.test(id)) {
      output.replaceChildren(element('p', words.text('typeId')));
      typed.focus();
      return;
    }
    localStorage.setItem(REMEMBERED, id);
    start.disabled = true;
    output.replaceChildren(element('p', words.text('verifying')));
    try {
      const [proof, genesis] = await Promise.all([
        fetchProof(), api.ask('genesis', { signal: context.signal, max: GENESIS_BYTES_MAX }),
      ]);
      const report = await verifyAside(proof, genesis, id, context.signal);
      const against = report.verified ? objection(report) : null;
      const also = report.verified && against === null ? verified(report) : null;
      output.replaceChildren(...(also ? [also] : []), ...(against === null ? folded(reportView(report, words), words) : [objectionView(against, words)]));
    } catch (error) {
      if (context.signal.aborted) return;
      output.replaceChildren(errorView(error, words));
    } finally {
      start.disabled = false;
    }
  };

  const start = /** @type {HTMLButtonElement} */ (button(words.text('verifyHere'), verify, 'main'));
  const download = button(words.text('download'), async () => {
    try {
      save(await fetchProof(), name);
    } catch (error) {
      if (!context.signal.aborted) output.replaceChildren(errorView(error, words));
    }
  });
  const form = element('form', field('trusted', words.text('trustedId'), typed, words.text('typedHelp')), element('div.actions', start, download));
  start.type = 'submit';
  start.addEventListener('click', (event) => event.preventDefault());
  form.addEventListener('submit', (event) => event.preventDefault());
  typed.addEventListener('input', () => output.replaceChildren());
  return element('section.card.verify', element('h2', words.text('verifyTitle')), element('p.quiet', words.text('verifyLead')), form, output);
}

/** The verdict at once; what is proved in full for whoever wants it, because the page shows it as well. */
function folded([verdict, steps, ...statements], words) {
  if (statements.length === 0) return [verdict, steps];
  return [verdict, element('details.proved', element('summary', words.text('provedInFull')), steps, ...statements)];
}

/** A good proof that does not say what was asked, or says something else than the server did. */
function objectionView(key, words) {
  const made = element('section.card.verdict.fails', element('span.mark', { 'aria-hidden': 'true' }, '✕'),
    element('div', element('h2', words.text('fails')), element('p', words.text(key))));
  made.dataset.code = key;
  return made;
}
