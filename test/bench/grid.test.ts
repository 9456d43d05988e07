import { expect, it } from 'vitest';
import { gridOf, markdownOf } from '../../bench/analysis/grid.ts';
import { rowOf } from './rows.ts';

it('a pass is a grid of cases and libraries in copies, which is told as Markdown', () => {
  const rows = [
    rowOf({ case: 'A', library: 'copy' }),
    rowOf({ case: 'A', copyMultiple: 1.25 }),
    rowOf({ case: 'A', pass: 'step', copyMultiple: 9 }),
    rowOf({ case: 'A', library: 'tfjs', copyMultiple: 31.4 }),
    rowOf({ case: 'B', copyMultiple: 2 }),
    rowOf({ case: 'B', library: 'jax | js', copyMultiple: null, error: 'it broke' }),
  ];
  expect(markdownOf(gridOf(rows, 'forward'), 'A GPU.')).toBe(
    [
      '| forward, copies | webgpu-norm | tfjs | jax \\| js |',
      '| --- | ---: | ---: | ---: |',
      '| A | 1.25 | 31.4 | – |',
      '| B | 2.00 | – | failed |',
      '',
      'A GPU.',
      '',
    ].join('\n'),
  );
});
