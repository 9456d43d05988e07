import { isSameShape } from '../problem/shape.ts';
import type { Tensor } from '../runtime/tensor.ts';

/** A skip connection that all samples share, [S,H] for x [B,S,H], with an axis for them. */
export function sharedSkip(skip: Tensor, { shape }: Tensor): Tensor {
  return skip.shape.length === 2 && shape.length === 3 ? skip.reshape([1, ...skip.shape]) : skip;
}

/** A skip connection of a number a channel of each sample, [N,1,1,C] whatever the layout of x, as [N,C] where x has its channels elsewhere. */
export function channelSkip(skip: Tensor, x: Tensor, channelsLast: boolean): Tensor {
  const [samples, height, width, channels] = skip.shape;
  const isOfChannels = skip.shape.length === 4 && height === 1 && width === 1 && channels === x.shape[1];
  return isOfChannels && !channelsLast ? skip.reshape([samples!, channels!]) : skip;
}

/** x [N,…] as [N,C], each element of a sample a channel. */
export function activationsAsChannels(x: Tensor): Tensor {
  const [samples = 1, ...rest] = x.shape;
  return x.reshape([samples, rest.reduce((product, size) => product * size, 1)]);
}

/** A parameter that has an element for each of a sample of x as one of channels; another is left to be refused. */
export function channelsOfActivations(parameter: Tensor, x: Tensor): Tensor {
  return isSameShape(parameter.shape, x.shape.slice(1)) ? parameter.reshape([parameter.size]) : parameter;
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
