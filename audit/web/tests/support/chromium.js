// A real browser without a screen.

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The browser of this machine, if there is one. */
export const CHROMIUM = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  .find((path) => path && existsSync(path));

/**
 * The document of a page when everything in it has settled.
 * @param {string} url
 * @param {string[]} more arguments
 * @returns {Promise<string>}
 */
export async function documentOf(url, more = []) {
  const profile = mkdtempSync(join(tmpdir(), 'talea-browser-'));
  const settings = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', `--user-data-dir=${profile}`,
    '--virtual-time-budget=30000', '--dump-dom', ...more, url];
  try {
    return await new Promise((done, fail) => {
      execFile(CHROMIUM, settings, { timeout: 120_000, maxBuffer: 1 << 26 }, (error, found) => (error ? fail(error) : done(found)));
    });
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
