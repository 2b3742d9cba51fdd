// What holds for every page in a browser, and how pages are looked at.

import assert from 'node:assert/strict';

const WIDE = { viewport: { width: 1280, height: 900 }, colorScheme: 'light', locale: 'en-GB' };
export const VIEWS = {
  wide: WIDE,
  narrow: { ...WIDE, viewport: { width: 320, height: 700 } },
  dark: { ...WIDE, colorScheme: 'dark' },
  chinese: { ...WIDE, viewport: { width: 900, height: 900 }, locale: 'zh-CN' },
};

/** Gathers what goes wrong in a page: mistakes, what its policy forbids. @returns {string[]} */
export function gather(page) {
  const wrong = [];
  page.on('console', (message) => {
    // That an answer is a refusal is no mistake of the page; it is shown.
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(error.message));
  return wrong;
}

/** Nothing beyond the edge, everything that is used has a name, one heading, no id twice. */
export async function check(page, what) {
  const found = await page.evaluate(() => {
    const shown = (one) => one.checkVisibility() && !one.closest('.unseen, .skip, thead');
    const all = [...document.querySelectorAll('body *')].filter(shown);
    const name = (one) => (one.getAttribute('aria-label') || one.labels?.[0]?.textContent || one.textContent || '').trim();
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    return {
      beyond: all.filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !one.closest('.document, svg')).map((one) => `${one.tagName}.${one.className}`),
      nameless: [...document.querySelectorAll('a, button, input, select, textarea, summary')].filter((one) => one.checkVisibility() && name(one) === '').map((one) => one.outerHTML.slice(0, 120)),
      headings: document.querySelectorAll('h1').length,
      doubled: ids.filter((id, place) => ids.indexOf(id) !== place),
      loose: document.querySelectorAll(':not(table) > tbody, :not(table) > thead').length,
      drawings: [...document.querySelectorAll('.drawing svg')].filter((one) => !one.getAttribute('aria-label')).length,
      language: document.documentElement.lang,
      unknown: [...document.querySelectorAll('body *')].filter((one) => one.children.length === 0 && /\bundefined\b|\bNaN\b|\[object/.test(one.textContent)).map((one) => one.outerHTML.slice(0, 160)),
    };
  });
  assert.deepEqual({ ...found, language: '' }, { beyond: [], nameless: [], headings: 1, doubled: [], loose: 0, drawings: 0, language: '', unknown: [] }, what);
  return found;
}
