import { NormError } from '../errors.ts';
import { isInPlace, NOT_IN_PLACE } from '../plan/in-place.ts';
import type { InPlace } from '../plan/in-place.ts';
import { isSum } from '../problem/problem.ts';
import type { Problem } from '../problem/problem.ts';
import { isSameShape } from '../problem/shape.ts';
import { doubtOf, putInDoubt } from '../runtime/doubts.ts';
import { Tensor } from '../runtime/tensor.ts';

/** Results that a call writes over its operands, by those of y and of residualOut: a few objects, since every call asks. */
const IN_PLACE = {
  none: [NOT_IN_PLACE, { residualOut: 'residual' }],
  x: [{ y: 'x' }, { y: 'x', residualOut: 'residual' }],
  add: [{ y: 'add' }, { y: 'add', residualOut: 'residual' }],
} satisfies Record<string, [InPlace, InPlace]>;

/** Operands that results may go over, and where these go, as far as a call says so. */
interface InPlaceTensors {
  residual?: Tensor | undefined;
  add?: Tensor | undefined;
  out?: Tensor | undefined;
  residualOut?: Tensor | undefined;
}

export function inPlaceOf(x: Tensor, { residual, add, out, residualOut }: InPlaceTensors): InPlace {
  const y = isSameTensor(x, out) ? 'x' : isSameTensor(add, out) ? 'add' : 'none';
  return IN_PLACE[y][isSameTensor(residual, residualOut) ? 1 : 0];
}

/** The same in a key. */
export function inPlaceSignature({ y, residualOut }: InPlace): string {
  return `${y === undefined ? '' : ` over ${y}`}${residualOut === undefined ? '' : ' over residual'}`;
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
export function checkKept(
  op: string,
  { residual, inputBias, gate, activation }: Pick<Problem, 'residual' | 'inputBias' | 'gate' | 'activation'>,
  inPlace: InPlace,
): void {
  if (inPlace.y === 'add' && activation !== null) {
    throw new NormError(
      'usage',
      `${op}: out is add, which the gradient of the activation reads; give ${op}Forward another out, or call ${op}, which saves nothing`,
    );
  }
  if (inPlace.y === 'x' && !isSum({ residual, inputBias })) {
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

/** @throws NormError `usage` where residualOut would go over what the other of a pair still reads: who quantizes writes them one by one. */
export function checkPairs(op: string, { rotary, quantization }: Problem, inPlace: InPlace): void {
  if (!rotary || !quantization || !inPlace.residualOut) return;
  throw new NormError(
    'usage',
    `${op}: residualOut is residual, which the rotation reads more than once; give another residualOut`,
  );
}

/** Lets the tensor of a result tell what went wrong with the memory it shares with an operand of its own. */
export function passFailureOn(
  { y, residualOut }: InPlace,
  inputs: Readonly<Record<string, Tensor>>,
  results: Readonly<Record<string, Tensor>>,
): void {
  if (y !== undefined) passFailure(inputs[y]!, results['y']!);
  if (residualOut !== undefined) passFailure(inputs[residualOut]!, results['residualOut']!);
}

function passFailure({ range }: Tensor, result: Tensor): void {
  const failure = range.storage === result.storage ? null : doubtOf(range);
  if (failure) putInDoubt(result.range, failure);
}

/** Whether two are one tensor, or show one part of a buffer alike. */
function isSameTensor(a: Tensor | undefined, b: Tensor | undefined): boolean {
  if (!(a instanceof Tensor) || !(b instanceof Tensor)) return false;
  if (a === b) return true;
  const sameRange = a.storage.buffer === b.storage.buffer && a.byteOffset === b.byteOffset;
  return sameRange && a.dtype === b.dtype && isSameShape(a.shape, b.shape) && isSameShape(a.strides, b.strides);
}
