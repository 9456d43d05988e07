import { NormError } from '../errors.ts';
import { isInPlace, NOT_IN_PLACE } from '../plan/in-place.ts';
import type { InPlace } from '../plan/in-place.ts';
import type { Problem } from '../problem/problem.ts';
import { isSameShape } from '../problem/shape.ts';
import { Tensor } from '../runtime/tensor.ts';

const OVER_X: InPlace = { y: 'x' };
const OVER_RESIDUAL: InPlace = { residualOut: 'residual' };
const OVER_BOTH: InPlace = { y: 'x', residualOut: 'residual' };

/** Where a call's results go, as far as it says so. */
interface Destinations {
  out?: Tensor | undefined;
  residualOut?: Tensor | undefined;
}

/** Which results a call writes over its operands; of a few objects, since every call asks. */
export function inPlaceOf(x: Tensor, residual: Tensor | undefined, { out, residualOut }: Destinations): InPlace {
  const overX = isSameTensor(x, out);
  if (!isSameTensor(residual, residualOut)) return overX ? OVER_X : NOT_IN_PLACE;
  return overX ? OVER_BOTH : OVER_RESIDUAL;
}

/** The same in a key. */
export function inPlaceSignature({ y, residualOut }: InPlace): string {
  return `${y === undefined ? '' : ' over x'}${residualOut === undefined ? '' : ' over residual'}`;
}

/** The operands of a call that no result goes over. */
export function withoutOverwritten(
  inputs: Readonly<Record<string, Tensor>>,
  inPlace: InPlace,
): Readonly<Record<string, Tensor>> {
  if (!isInPlace(inPlace)) return inputs;
  return Object.fromEntries(
    Object.entries(inputs).filter(([name]) => name !== inPlace.y && name !== inPlace.residualOut),
  );
}

/** @throws NormError `usage` where a result would go over what the gradient reads. */
export function checkKept(op: string, { residual, gate }: Pick<Problem, 'residual' | 'gate'>, inPlace: InPlace): void {
  if (inPlace.y && !residual) {
    throw new NormError(
      'usage',
      `${op}: out is x, which the gradient reads; give ${op}Forward another out, or call ${op}, which saves nothing`,
    );
  }
  if (inPlace.residualOut && gate) {
    throw new NormError(
      'usage',
      `${op}: residualOut is residual, which the gradient of the gate reads; give ${op}Forward another residualOut, or ` +
        `call ${op}, which saves nothing`,
    );
  }
}

/** Lets the tensor of a result tell what went wrong with the memory it shares with an operand of its own. */
export function passFailureOn(
  { y, residualOut }: InPlace,
  inputs: Readonly<Record<string, Tensor>>,
  results: Readonly<Record<string, Tensor>>,
): void {
  if (y !== undefined) results['y']!.storage.failure = inputs[y]!.storage.failure;
  if (residualOut !== undefined) results['residualOut']!.storage.failure = inputs[residualOut]!.storage.failure;
}

/** Whether two are one tensor, or show one part of a buffer alike. */
function isSameTensor(a: Tensor | undefined, b: Tensor | undefined): boolean {
  if (!(a instanceof Tensor) || !(b instanceof Tensor)) return false;
  if (a === b) return true;
  const sameRange = a.storage.buffer === b.storage.buffer && a.byteOffset === b.byteOffset;
  return sameRange && a.dtype === b.dtype && isSameShape(a.shape, b.shape);
}
