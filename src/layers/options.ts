import { NormError } from '../errors.ts';
import { checkLayout, resolveLayout } from '../problem/layout.ts';
import type { LayoutOptions } from '../problem/layout.ts';
import { checkAlone, checkEps, checkFlags, checkMomentum, checkNames } from '../options/checks.ts';
import { formatShape } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';

/** Names about weight and bias, as other libraries' layers and our functions have them, in one word. */
const PARAMETERS: readonly string[] = ['center', 'scale', 'usescale', 'usebias', 'weight', 'bias', 'gamma', 'beta'];
const PARAMETER_FLAGS: readonly string[] = ['affine', 'elementwiseAffine'];

/**
 * Checks what a layer is made with; `more` follows its options.
 *
 * @throws NormError `option` where a name is not one the layer takes, a flag is neither true nor false or the momentum no share, `eps`, `layout`.
 */
export function checkOptions(
  layer: string,
  options: object & LayoutOptions & { eps?: number | undefined; momentum?: number | null | undefined },
  names: readonly string[],
  flags: readonly string[],
  more: readonly unknown[],
): void {
  checkAlone(layer, more, names.slice(0, 1));
  checkNoParameters(layer, options, names);
  checkNames(layer, options, names);
  checkFlags(layer, options, flags);
  const { eps, momentum } = options;
  if (eps !== undefined) checkEps(layer, eps);
  if (momentum !== undefined) checkMomentum(layer, momentum);
  checkLayout(layer, options);
}

/** @throws NormError `option` where a parameter is given, or asked for by another name: a layer makes its own. */
function checkNoParameters(layer: string, options: object, names: readonly string[]): void {
  const flag = PARAMETER_FLAGS.find((one) => names.includes(one));
  const isParameter = (name: string): boolean => PARAMETERS.includes(name.replaceAll(/[_-]/g, '').toLowerCase());
  const given = Object.keys(options ?? {}).find((name) => !names.includes(name) && isParameter(name));
  if (flag === undefined || given === undefined) return;
  const alone = names.includes('bias') ? ', bias for no bias' : '';
  throw new NormError(
    'option',
    `${layer}: there is no option '${given}'; a layer makes its own weight and bias: ${flag} is false for neither${alone}`,
  );
}

/** @throws NormError `shape` unless x has one of these numbers of axes. */
export function checkRank(layer: string, x: Shape, ranks: readonly number[]): void {
  if (!ranks.includes(x.length)) {
    throw new NormError(
      'shape',
      `${layer}: x ${formatShape(x)} has ${x.length} axes; it must have ${ranks.join(' or ')}`,
    );
  }
}

/** @throws NormError `parameter` unless x has as many channels as the layer was made for, `layout` where it has no channel axis. */
export function checkChannels(layer: string, x: Shape, layout: LayoutOptions, channels: number): void {
  const { channel } = resolveLayout(layer, x, layout);
  if (x[channel] !== channels) {
    throw new NormError(
      'parameter',
      `${layer}: x ${formatShape(x)} has ${x[channel]} channels on axis ${channel}; the layer was made for ${channels}`,
    );
  }
}
