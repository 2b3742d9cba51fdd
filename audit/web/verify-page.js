/**
 * The page: takes the network's id, a genesis document and a proof file, and shows the verdict.
 *
 * Files are read here and go nowhere: the page's policy forbids it to speak to anybody. What takes long is done
 * beside the page, so that it answers meanwhile.
 */

import { GENESIS_BYTES_MAX, PROOF_FILE_BYTES_MAX } from './verify/limits.js';
import { fill } from './verify/refusal.js';
import { element } from './page/element.js';
import { LANGUAGES, wordsOf } from './page/texts.js';
import { verifyAside } from './page/verify_aside.js';
import { reportView } from './page/view.js';

const form = /** @type {HTMLFormElement} */ (document.getElementById('form'));
const typed = /** @type {HTMLInputElement} */ (document.getElementById('typed'));
const output = /** @type {HTMLElement} */ (document.getElementById('report'));

/** What was chosen. @type {Record<'genesis' | 'proof', File | null>} */
const chosen = { genesis: null, proof: null };
const LIMITS = { genesis: GENESIS_BYTES_MAX, proof: PROOF_FILE_BYTES_MAX };

let language = navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
/** Draws the newest result anew, in another language. @type {() => void} */
let draw = () => {};
/** Counts runs, so that an old result never replaces a newer one. */
let run = 0;

const words = {
  text: (key, details = {}) => fill(wordsOf(language, key, key), details),
  word: (key, fallback) => wordsOf(language, key, fallback),
};

function speak(next) {
  language = next;
  document.documentElement.lang = language === 'zh' ? 'zh-Hans' : language;
  document.title = `Talea: ${words.text('title')}`;
  for (const place of document.querySelectorAll('[data-text]')) place.textContent = words.text(/** @type {HTMLElement} */ (place).dataset.text);
  for (const button of document.querySelectorAll('[data-language]')) {
    button.setAttribute('aria-pressed', String(/** @type {HTMLElement} */ (button).dataset.language === language));
  }
  draw();
}

/** A result of other files would mislead. */
function forget() {
  run += 1;
  output.replaceChildren();
  draw = () => {};
}

function choose(kind, drop, file) {
  chosen[kind] = file;
  drop.classList.toggle('filled', file !== null);
  forget();
}

for (const kind of /** @type {const} */ (['genesis', 'proof'])) {
  const input = /** @type {HTMLInputElement} */ (document.getElementById(kind));
  const drop = /** @type {HTMLElement} */ (document.querySelector(`[data-drop="${kind}"]`));
  input.addEventListener('change', () => choose(kind, drop, input.files[0] ?? null));
  // What the browser kept from before a reload.
  choose(kind, drop, input.files[0] ?? null);
  for (const name of ['dragenter', 'dragover']) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add('over');
    });
  }
  drop.addEventListener('dragleave', () => drop.classList.remove('over'));
  drop.addEventListener('drop', (event) => {
    event.preventDefault();
    event.stopPropagation();
    drop.classList.remove('over');
    if (event.dataTransfer.files.length === 0) return;
    input.files = event.dataTransfer.files;
    choose(kind, drop, input.files[0]);
  });
}
// A file that misses its place must not replace the page.
for (const name of ['dragover', 'drop']) document.addEventListener(name, (event) => event.preventDefault());

typed.addEventListener('input', forget);
for (const button of document.querySelectorAll('[data-language]')) {
  button.addEventListener('click', () => speak(/** @type {HTMLElement} */ (button).dataset.language));
}

/** The bytes of a file; of one that is too large, just enough for it to be refused. */
async function bytesOf(kind) {
  return new Uint8Array(await chosen[kind].slice(0, LIMITS[kind] + 1).arrayBuffer());
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  forget();
  const own = run;
  if (chosen.genesis === null || chosen.proof === null || typed.value.trim() === '') {
    draw = () => output.replaceChildren(element('p.card', words.text('needed')));
    draw();
    return;
  }
  const button = /** @type {HTMLButtonElement} */ (form.querySelector('button.main'));
  button.disabled = true;
  output.replaceChildren(element('p.card', words.text('verifying')));
  try {
    const report = await verifyAside(await bytesOf('proof'), await bytesOf('genesis'), typed.value);
    if (own !== run) return;
    draw = () => output.replaceChildren(...reportView(report, words));
  } catch (error) {
    if (own !== run) return;
    draw = () => output.replaceChildren(element('p.card', words.text('failed', { message: String(error) })));
  } finally {
    button.disabled = false;
  }
  draw();
});

if (!(language in LANGUAGES)) language = 'en';
speak(language);
