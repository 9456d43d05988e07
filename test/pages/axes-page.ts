import { compileFunction } from 'node:vm';
import type { Page } from 'playwright';
import * as reference from '../../src/reference/index.ts';

/** The page of axes as its test uses it: what is chosen, what is shown, and the code that it shows. */

export const ready = (page: Page) =>
  page.waitForSelector('html[data-engine][data-state="ready"]', { state: 'attached', timeout: 60_000 });

/** Does to the controls what a visitor does, and waits for the numbers. */
export async function choose(page: Page, settings: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    if (name === 'batch' || name === 'groups') await page.fill(`#${name}`, value);
    else await page.check(`input[name="${name}"][value="${value}"]`, { force: true });
  }
  await ready(page);
}

export interface Shown {
  element: string;
  sentence: string;
  formula: string;
  code: string;
  facts: Record<string, number>;
  /** In the order of NCHW, as labels and classes of the cells say. */
  x: number[];
  lit: number[];
}

export async function shown(page: Page): Promise<Shown> {
  const seen = await page.evaluate(() => {
    const text = (id: string): string => document.getElementById(id)!.textContent;
    const cells = [...document.querySelectorAll<HTMLElement>('.cell')];
    return {
      element: text('element'),
      sentence: text('sentence'),
      formula: text('formula'),
      code: text('code'),
      facts: [...document.querySelectorAll('dd')].map(({ id, textContent }) => [id, textContent] as const),
      x: cells.map((cell) => Number(/: ([\d.]+)/.exec(cell.ariaLabel!)![1])),
      lit: cells.flatMap((cell, index) => (cell.classList.contains('lit') ? [index] : [])),
    };
  });
  return { ...seen, facts: Object.fromEntries(seen.facts.map(([id, text]) => [id, Number(text.replace('−', '-'))])) };
}

interface Reshapable {
  data: ArrayLike<number>;
  shape: readonly number[];
  reshape(shape: readonly number[]): Reshapable;
}

const reshapable = (data: ArrayLike<number>, shape: readonly number[]): Reshapable => ({
  data,
  shape,
  reshape: (other) => reshapable(data, other),
});

type Program = (names: Record<string, unknown>, data: Float64Array) => Promise<Reshapable>;

/** Runs the code that the page shows, with the float64 reference in the place of the GPU. */
export async function run(code: string, data: Float64Array): Promise<Reshapable> {
  const imported = /^import \{ (.*) \} from 'webgpu-norm';$/m.exec(code)![1]!;
  const body = code.replace(/^import .*$/m, '');
  const calls = Object.fromEntries(
    ['batchNorm', 'layerNorm', 'instanceNorm', 'groupNorm', 'normalize'].map((name) => [
      name,
      (x: Reshapable, options: unknown = {}) => {
        const norm = reference[name as 'normalize'];
        const { y } = norm(x, options as reference.NormalizeOptions);
        return reshapable(y.data, y.shape);
      },
    ]),
  );
  const program = compileFunction(`return (async () => { const { ${imported} } = names;${body}\nreturn y; })()`, [
    'names',
    'data',
  ]);
  return (program as Program)({ ...calls, createContext: async () => ({ tensor: reshapable }) }, data);
}
