import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { transformSync } from 'esbuild';
import { beforeAll, expect, it } from 'vitest';
import { browse } from '../pages/serve.ts';
import { dist, ensureBuilt } from './build.ts';

/** What a page may rely on: the library works where nothing but its own scripts may run, asks for nothing, and leaves what is not its own alone. */

/** Scripts of the page's own address, none from text, no requests, nothing else at all. */
const POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'";

/** Calls of all kinds; what they changed of what is not theirs is told too. */
const APP = `
const violations = [];
addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => violations.push(violatedDirective + ' ' + blockedURI));
const shared = () => {
  const owners = [globalThis, ...['GPU', 'GPUAdapter', 'GPUDevice', 'GPUQueue', 'GPUBuffer', 'GPUCommandEncoder', 'Array', 'Object', 'Promise', 'Float32Array']
    .flatMap((name) => [globalThis[name], globalThis[name].prototype])];
  return owners.map((owner) => Reflect.ownKeys(owner).map((key) => [key, Object.getOwnPropertyDescriptor(owner, key)]));
};
const before = shared();
try {
  const norm = await import('/webgpu-norm.min.js');
  const context = await norm.createContext();
  const x = context.tensor(Float32Array.from({ length: 64 }, (_, index) => index), [4, 16]);
  const { y, saved } = norm.layerNormForward(x, { activation: 'gelu' });
  const { dx } = norm.layerNormBackward(x, saved);
  const layer = new norm.BatchNorm1d(context, 16);
  const encoder = context.device.createCommandEncoder();
  norm.rmsNorm(x, { encoder, out: y });
  context.device.queue.submit([encoder.finish()]);
  const results = await Promise.all([y, dx, layer.forward(x)].map((tensor) => tensor.read()));
  const after = shared();
  const changed = before.flatMap((entries, owner) => entries.flatMap(([key, descriptor], index) => {
    const [name, now] = after[owner][index] ?? [];
    return name === key && Object.is(now.value, descriptor.value) && now.get === descriptor.get ? [] : [String(key)];
  }));
  const added = after.flatMap((entries, owner) => (entries.length > before[owner].length ? [entries.at(-1)[0]] : []));
  document.title = JSON.stringify({ violations, changed, added: added.map(String), finite: results.every((numbers) => numbers.every(Number.isFinite)) });
} catch (error) {
  document.title = JSON.stringify({ violations, error: String(error) });
}
`;

const PAGE = '<!doctype html><title></title><script type="module" src="/app.js"></script>';

beforeAll(ensureBuilt);

it('works under a strict content security policy, asks for nothing, and changes no global', async () => {
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    const script =
      url === '/app.js' ? APP : url === '/webgpu-norm.min.js' ? readFileSync(join(dist, basename(url))) : null;
    const type = url === '/' ? 'text/html' : 'text/javascript';
    const found = url === '/' || script !== null;
    response.writeHead(found ? 200 : 404, { 'content-type': type, 'content-security-policy': POLICY });
    response.end(url === '/' ? PAGE : script);
  });
  await new Promise<void>((resolve) => server.listen(0, () => resolve()));
  const { port } = server.address() as AddressInfo;
  const pages = await browse(`http://localhost:${port}/`);
  try {
    const { page, complaints } = await pages.open('');
    await page.waitForFunction(() => document.title !== '');
    expect(JSON.parse(await page.title())).toEqual({ violations: [], changed: [], added: [], finite: true });
    // A browser asks for an icon by itself.
    expect(asked.filter((url) => url !== '/favicon.ico').toSorted()).toEqual(['/', '/app.js', '/webgpu-norm.min.js']);
    expect(complaints).toEqual([]);
  } finally {
    await pages.close();
    server.close();
  }
});

it('has no code from text, no requests of its own and no storage', () => {
  const files = readdirSync(dist).filter((name) => name.endsWith('.js'));
  expect(files.length).toBeGreaterThan(5);
  for (const name of files) {
    // Comments are left out: examples in them fetch files.
    const { code } = transformSync(readFileSync(join(dist, name), 'utf8'), {
      minifyWhitespace: true,
      legalComments: 'none',
    });
    expect(code, name).not.toMatch(
      /[=(,!&|?:]eval\(|,eval\)|new Function\(|XMLHttpRequest|importScripts|document\.cookie|localStorage/,
    );
  }
});
