import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { isPlain } from '../../src/options/checks.ts';

describe('a plain object', () => {
  it.each([
    ['of this realm', { weight: 1 }],
    ['of another realm', runInNewContext('({ weight: 1 })')],
    ['without a prototype', Object.create(null)],
    ['without a prototype, of another realm', runInNewContext('Object.create(null)')],
  ])('is one %s', (_, value) => {
    expect(isPlain(value)).toBe(true);
  });

  it.each([
    ['what inherits', Object.create({ weight: 1 })],
    ['what inherits of one without a prototype', Object.create(Object.assign(Object.create(null), { weight: 1 }))],
    ['what inherits in another realm', runInNewContext('Object.create({ weight: 1 })')],
    ['an Array', []],
    ['an Array of another realm', runInNewContext('[]')],
    ['one of a class', new (class Options {})()],
    ['null', null],
    ['a function', () => {}],
  ])('is not %s', (_, value) => {
    expect(isPlain(value)).toBe(false);
  });
});
