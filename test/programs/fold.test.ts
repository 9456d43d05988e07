import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { folded } from '../../src/programs/fold.ts';
import { programKey, sourceOf } from '../../src/programs/source.ts';
import { everyPlan } from '../plan/every-plan.ts';

/** Statements that are WGSL and JavaScript alike: marks in the order they are reached, branches, returns. */
const name = fc.constantFrom('ON', 'OFF', 'ALSO_ON', 'runtime');
const atom = fc.oneof(
  name,
  name.map((one) => `!${one}`),
  fc.constantFrom('COUNT == 1u', 'COUNT == 4u', 'COUNT > 3u', 'FOUR == COUNT', 'number == 4u'),
);
const condition = fc
  .tuple(fc.array(atom, { minLength: 1, maxLength: 3 }), fc.constantFrom(' || ', ' && '))
  .map(([atoms, operator]) => atoms.join(operator));
const { body } = fc.letrec<{ body: string; statement: string }>((tie) => ({
  body: fc.array(tie('statement'), { maxLength: 4 }).map((statements) => statements.join('\n')),
  statement: fc.oneof(
    { depthSize: 'small' },
    fc.nat({ max: 99 }).map((mark) => `mark(${mark});`),
    fc.constant('return;'),
    fc.tuple(condition, tie('body')).map(([when, then]) => `if (${when}) {\n${then}\n}`),
    fc
      .tuple(condition, tie('body'), tie('body'))
      .map(([when, then, otherwise]) => `if (${when}) {\n${then}\n} else {\n${otherwise}\n}`),
    fc
      .tuple(condition, tie('body'), condition, tie('body'), tie('body'))
      .map(([a, one, b, two, three]) => `if (${a}) {\n${one}\n} else if (${b}) {\n${two}\n} else {\n${three}\n}`),
  ),
}));

const CONSTANTS = 'const ON = true;\nconst OFF = false;\nconst ALSO_ON = ON;\nconst COUNT = 4u;\nconst FOUR = COUNT;\n';

/** What a text marks, run as JavaScript. */
function marksOf(text: string, runtime: boolean, number: number): number[] {
  const marks: number[] = [];
  const script = text.replaceAll(/\b(\d+)u\b/g, '$1');
  // eslint-disable-next-line typescript/no-implied-eval -- The engine's own reading of the branches is the oracle.
  new Function('mark', 'runtime', 'number', script)((mark: number) => marks.push(mark), runtime, number);
  return marks;
}

describe('a text without the branches that constants decide', () => {
  it('does what it did', () => {
    fc.assert(
      fc.property(body, fc.boolean(), fc.constantFrom(3, 4), (text, runtime, number) => {
        const whole = CONSTANTS + text;
        expect(marksOf(folded(whole), runtime, number)).toEqual(marksOf(whole, runtime, number));
      }),
      { numRuns: 2000 },
    );
  });

  it('asks for nothing that is known', () => {
    fc.assert(
      fc.property(body, (text) => {
        const left = [...folded(CONSTANTS + text).matchAll(/if \((.*)\) \{/g)];
        for (const [, asked] of left) expect(asked).toMatch(/runtime|number/);
      }),
    );
  });

  it('has no flag left in a branch of any program', () => {
    const passes = everyPlan().flatMap(({ plan }) => plan.passes);
    const programs = new Map(passes.map((pass) => [programKey(pass), pass]));
    for (const pass of programs.values()) expect(sourceOf(pass)).not.toMatch(/if \(!?[A-Z_]+\) \{/);
  }, 60_000);
});
