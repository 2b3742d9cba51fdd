// Serves audit/web as it is, with the policy that the pages are written for.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';

import { pathOf } from './golden.js';

const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' };

/** Nothing from anywhere else, nothing inline. */
export const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'";

/** `found` is what a page posts to `/found`. @returns {Promise<{ url: string, found: Promise<any>, close: () => void }>} */
export async function serve() {
  const root = pathOf('audit/web/');
  let tell;
  const found = new Promise((done) => { tell = done; });
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, 'http://localhost').pathname;
    if (request.method === 'POST' && path === '/found') {
      let text = '';
      for await (const part of request) text += part;
      response.writeHead(204).end();
      tell(JSON.parse(text));
      return;
    }
    try {
      if (path.includes('..')) throw new Error('outside');
      const body = await readFile(root + path.slice(1));
      const type = TYPES[path.split('.').pop()] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY, 'cache-control': 'no-store' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}/`, found, close: () => server.close() };
}
