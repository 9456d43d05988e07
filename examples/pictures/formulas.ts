import * as m from '../axes/mathml.ts';

/** The formulas of the modes, in MathML. */

const { name, number, sign, row, fraction, root, index, square } = m;
const x = name('x');
const sub = (base: string, below: string): string => index(base, `<mtext>${below}</mtext>`);
const is = (...right: string[]): string => m.math(name('y'), sign('='), ...right);
const centred = (mean: string, variance: string): string =>
  fraction(row(x, sign('−'), mean), root(row(variance, sign('+'), name('ε'))));
const affine = (normalized: string): string => is(name('γ'), sign('·'), normalized, sign('+'), name('β'));
const byNorm = (which: string): string => {
  const norm = index(row(sign('‖'), x, sign('‖')), number(which));
  return is(fraction(x, row(name('max'), sign('('), norm, sign(','), name('ε'), sign(')'))));
};
const mean = (of: string): string => row(name('mean'), sign('('), of, sign(')'));
const styled = centred(name('μ'), square(name('σ')));

export const CENTRED: string = affine(styled);
export const RUNNING: string = affine(
  centred(sub(name('μ'), 'running'), `<msubsup>${name('σ')}<mtext>running</mtext>${number('2')}</msubsup>`),
);
export const ADAIN: string = is(
  name('α'),
  row(sign('('), sub(name('σ'), 'style'), styled, sign('+'), sub(name('μ'), 'style'), sign(')')),
  sign('+'),
  row(sign('('), number('1'), sign('−'), name('α'), sign(')')),
  x,
);
export const RMS: string = is(fraction(x, root(row(mean(square(x)), sign('+'), name('ε')))));
export const SUM: string = is(fraction(x, row(sign('∑'), x)));
export const L1: string = byNorm('1');
export const L2: string = byNorm('2');
export const MEAN: string = is(name('μ'), sign('='), mean(x));
