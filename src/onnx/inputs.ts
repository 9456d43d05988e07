import type { Tensor } from '../runtime/tensor.ts';

/** A skip connection that all samples share, [S,H] for x [B,S,H], with an axis for them. */
export function sharedSkip(skip: Tensor, { shape }: Tensor): Tensor {
  return skip.shape.length === 2 && shape.length === 3 ? skip.reshape([1, ...skip.shape]) : skip;
}

/** Whether scale and bias are one number a group, as until opset 20, rather than one a channel. */
export function areOfGroups(groups: number, x: Tensor, ...parameters: readonly Tensor[]): boolean {
  return parameters.every(({ size }) => size === groups) && x.shape.length > 1 && x.shape[1]! % groups === 0;
}

/** The groups of a normalization as an axis of x, along which scale and bias vary. */
export function groupsApart(x: Tensor, scale: Tensor, bias: Tensor, groups: number): { x: Tensor; options: object } {
  const [samples, ...rest] = x.shape as [number, ...number[]];
  const length = rest.reduce((product, size) => product * size, 1) / groups;
  const [weight, bias_] = [scale, bias].map((parameter) => parameter.reshape([groups, 1]));
  return {
    x: x.reshape([samples, groups, length]),
    options: { axes: 2, statistic: 'mean-variance', weight, bias: bias_ },
  };
}
