import { expect, it } from 'vitest';
import type { Context } from '../../../src/index.ts';
import { slopesOf } from '../../reference/differences.ts';
import { openContexts } from './contexts.ts';
import { numbersOf } from './formula.ts';
import type { Numbers } from './formula.ts';
import { rounded } from './fused.ts';
import type { Operation } from './modes.ts';
import { Random } from './random.ts';
import { resultsOf } from './results.ts';
import { relativeError, sizeOf } from './run.ts';
import type { Filled } from './run.ts';
import { part } from './sweeps.ts';

/** A row of docs/models.md: a model's normalization as a formula, and the call that it is. */
export interface Recipe {
  name: string;
  op: Operation;
  /** The shape of x, and of the other arrays by the names of their options. */
  x: number[];
  arrays?: Record<string, number[]>;
  options?: Record<string, unknown>;
  /** What x, and with it the arrays, are stored as. */
  dtype?: 'bf16';
  /** y in float64, as the paper or the published code has it. */
  formula(arrays: Record<string, Numbers>): Float64Array;
  /** What arrays that are updated hold afterwards. */
  updates?(arrays: Record<string, Numbers>): Record<string, Float64Array>;
  /** Whether gradients are left out: where the published code takes what is no derivative. */
  forwardOnly?: boolean;
}

/** Of y relative to the largest; of gradients, which are sums of such. */
const BOUNDS = { y: 2 ** -19, gradient: 2 ** -16 };
const UPDATED = ['runningMean', 'runningVar'];

/** Holds y of recipes to their formulas, and every gradient to central differences of those, by plans for a CPU and for a GPU. */
export async function testRecipes(recipes: readonly Recipe[]): Promise<void> {
  const contexts = Object.entries(await openContexts());
  for (const [first, [plans, context]] of contexts.entries()) {
    it.each(part(recipes, 2, first))(`$name, ${plans} plans`, (recipe) => testRecipe(context, recipe));
  }
}

async function testRecipe(context: Context, recipe: Recipe): Promise<void> {
  const filled = filledOf(recipe);
  const { dtype = 'f32' } = recipe;
  const fused = rounded(filled, { dtype, like: true });
  const random = new Random(filled.x.data.length + 1);
  const dy = { data: random.normals(filled.x.data.length, 0.3), shape: filled.x.shape };
  const results = await resultsOf(context, fused, dy);

  const exact = Object.fromEntries(
    Object.entries({ x: fused.x, ...fused.arrays }).map(([name, { data, shape }]) => [
      name,
      { data: Float64Array.from(data), shape },
    ]),
  );
  const arrays = Object.fromEntries(
    Object.entries(exact).map(([name, { data, shape }]) => [name, numbersOf(data, shape)]),
  );
  const y = recipe.formula(arrays);
  expect(relativeError(results['alone']!, y), 'y').toBeLessThanOrEqual(BOUNDS.y);
  expect(relativeError(results['y']!, y), 'y of the Forward function').toBeLessThanOrEqual(BOUNDS.y);
  for (const [name, array] of Object.entries(recipe.updates?.(arrays) ?? {})) {
    expect(relativeError(results[name]!, array), name).toBeLessThanOrEqual(BOUNDS.y);
  }
  if (recipe.forwardOnly) return;
  const loss = (): number => recipe.formula(arrays).reduce((total, value, index) => total + value * dy.data[index]!, 0);
  for (const [name, { data }] of Object.entries(exact)) {
    if (UPDATED.includes(name)) continue;
    const slopes = slopesOf(loss, data);
    expect(relativeError(results[`d${name}`]!, slopes), `d${name}`).toBeLessThanOrEqual(BOUNDS.gradient);
  }
}

/** Numbers for a recipe: x of mean 0.5 and deviation 1, variances above zero. */
function filledOf({ op, x, arrays = {}, options = {} }: Recipe): Filled {
  const random = new Random(sizeOf(x));
  const array = (shape: number[], center: number): Filled['x'] => ({
    data: random.normals(sizeOf(shape), center),
    shape,
  });
  const filled: Filled = { op, x: array(x, 0.5), options, arrays: {} };
  for (const [name, shape] of Object.entries(arrays)) {
    const made = array(shape, 0.2);
    if (name === 'runningVar') made.data.forEach((value, index) => (made.data[index] = 0.5 + value * value));
    filled.arrays[name] = made;
  }
  return filled;
}
