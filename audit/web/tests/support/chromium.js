// A real browser without a screen.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The browser of this machine, if there is one. */
export const CHROMIUM = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  .find((path) => path && existsSync(path));

const PATIENCE_MS = 120_000;

/**
 * Opens a page, and closes the browser when something has come of it.
 * @template T
 * @param {string} url
 * @param {Promise<T>} found
 * @returns {Promise<T>}
 */
export async function visit(url, found) {
  const profile = mkdtempSync(join(tmpdir(), 'talea-browser-'));
  const settings = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--remote-debugging-port=0', `--user-data-dir=${profile}`, url];
  // A group of its own, so that all of its processes end with it.
  const browser = spawn(CHROMIUM, settings, { stdio: 'ignore', detached: true });
  let patience;
  try {
    const ended = new Promise((_, fail) => {
      browser.on('error', fail);
      browser.on('exit', (code) => fail(new Error(`the browser ended with ${code}`)));
      patience = setTimeout(() => fail(new Error(`nothing came of ${url}`)), PATIENCE_MS);
    });
    return await Promise.race([found, ended]);
  } finally {
    clearTimeout(patience);
    browser.removeAllListeners();
    try {
      process.kill(-browser.pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
    await new Promise((done) => setTimeout(done, 100));
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
