import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PAGES } from '../../examples/pages.mjs';
import { ready } from './axes-page.ts';
import { browse, root } from './serve.ts';
import type { Pages } from './serve.ts';

/** `npm start`, and the pages that it names. */

let server: ChildProcess;
let pages: Pages;
let said = '';

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

beforeAll(async () => {
  const port = String(await freePort());
  server = spawn('npm', ['start', '--', '--port', port], {
    cwd: root,
    env: { ...process.env, CI: '1' },
    detached: true,
  });
  const url = await new Promise<string>((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      said += String(chunk);
      if (said.includes('Ctrl+C')) resolve(/http:\S+examples\//.exec(said)![0]);
    };
    server.stdout!.on('data', listen);
    server.stderr!.on('data', listen);
    server.on('exit', () => reject(new Error(`npm start ended: ${said}`)));
  });
  pages = await browse(url);
});

afterAll(async () => {
  server.removeAllListeners('exit');
  process.kill(-server.pid!);
  await pages.close();
});

it.each([
  ['start', '--prot=1', /^\nUnknown option '--prot'\.?[^\n]*\n$/],
  ['start', '--port=abc', /^\n--port abc: give a whole number up to 65535\.\n$/],
  ['start', '--port=65536', /^\n--port 65536: give a whole number up to 65535\.\n$/],
  ['site', '--dcs', /^\nUnknown option '--dcs'\.?[^\n]*\n$/],
])('npm run %s refuses %s in one sentence', (command, option, sentence) => {
  const { status, stdout, stderr } = spawnSync('node', [`examples/${command}.mjs`, option], {
    cwd: root,
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(sentence);
});

it('names every page, and serves the first', async () => {
  for (const { folder, shows } of PAGES) expect(said).toMatch(new RegExp(`${shows}: \\S+/examples/${folder}/\\n`));
  const { page, complaints } = await pages.open(`${PAGES[0]!.folder}/`);
  await ready(page);
  expect(complaints).toEqual([]);
});
