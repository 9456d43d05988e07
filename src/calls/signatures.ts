import { isCallNumber } from '../problem/numbers.ts';
import type { Multiply } from '../problem/multiply-add.ts';
import { Tensor } from '../runtime/tensor.ts';

/** Two calls of one signature have one plan: it says all of a call but its numbers and which tensors they are. */
export function signatureOf(op: string, x: Tensor, options: object, saves: boolean): string {
  let signature = `${op}${saves ? ' saving' : ''} ${x.signature}`;
  for (const name of Object.keys(options)) {
    const value = (options as Record<string, unknown>)[name];
    if (isCallNumber(name, value) || name === 'encoder' || name === 'out') continue;
    signature += ` ${name}:${valueSignature(name, value)}`;
  }
  return signature;
}

/** Tells numbers from the text of them; other objects are refused wherever they are looked at. */
function valueSignature(name: string, value: unknown): string {
  if (value instanceof Tensor) return value.signature;
  if (Array.isArray(value) && value.every((one) => typeof one === 'number')) return value.join();
  if (typeof value !== 'object' || value === null) return `${typeof value} ${String(value)}`;
  if (name === 'modulation') {
    const { scale, shift } = value as { scale?: Tensor; shift?: Tensor };
    return `${scale?.signature ?? ''},${shift?.signature ?? ''}`;
  }
  if (name === 'multiply') {
    const { by, activation = '', where = 'after' } = value as Multiply<Tensor>;
    return `${where} ${activation} ${by.signature}`;
  }
  if (name === 'rotary') {
    const parts = Object.entries(value).map(([part, of]) => `${part} ${valueSignature(part, of)}`);
    return `{${parts.join()}}`;
  }
  if (name === 'pointwise') {
    const { alpha, inputShift } = value as { alpha: Tensor; inputShift?: Tensor };
    return `${alpha.signature},${inputShift?.signature ?? ''}`;
  }
  if (name === 'moments') {
    const { mean, count } = value as { mean: Tensor; count: number };
    return `${count} of ${mean.signature}`;
  }
  return 'object';
}
