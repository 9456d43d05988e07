import type { Context, Tensor } from 'webgpu-norm';

export const CHANNELS = 3;

/** γ and β of each channel, and the share α of AdaIN. */
export interface Parameters {
  gamma: readonly number[];
  beta: readonly number[];
  alpha: number;
}

/** As a layer begins. */
export const NEUTRAL: Parameters = { gamma: [1, 1, 1], beta: [0, 0, 0], alpha: 1 };

/** Parameters on the GPU, in the shapes that calls take, and what is not changed. */
export interface GpuParameters {
  readonly weight: Tensor;
  readonly bias: Tensor;
  /** The same along the channels of [N, C, H, W]. */
  readonly channelWeight: Tensor;
  readonly channelBias: Tensor;
  /** γ − 1 and β, likewise. */
  readonly modulation: { scale: Tensor; shift: Tensor };
  /** Of AdaIN: α − 1. */
  readonly share: { scale: Tensor };
  /** 1 − α, as a BatchNorm by the mean 0 and the variance 1. */
  readonly rest: { runningMean: Tensor; runningVar: Tensor; eps: 0; weight: Tensor };
  readonly running: { runningMean: Tensor; runningVar: Tensor };
  write(parameters: Parameters): void;
  destroy(): void;
}

/** Bytes from one array to the next. */
const APART = 256;

/** Arrays in one buffer, which is written when a parameter changes, by no call. */
export function makeParameters(context: Context): GpuParameters {
  const { device } = context;
  const numbersOf = ({ gamma, beta, alpha }: Parameters, channel: number): number[] => [
    gamma[channel]!,
    beta[channel]!,
    gamma[channel]! - 1,
    alpha - 1,
    1 - alpha,
    0,
    1,
  ];
  const size = APART * numbersOf(NEUTRAL, 0).length;
  const data = new Float32Array(size / 4);
  const buffer = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });
  const at = (index: number): Tensor => context.wrap(buffer, { shape: [CHANNELS], byteOffset: index * APART });
  const along = (tensor: Tensor): Tensor => tensor.reshape([1, CHANNELS, 1, 1]);
  const [weight, bias, scale, share, rest, zeros, ones] = [0, 1, 2, 3, 4, 5, 6].map(at) as [Tensor, ...Tensor[]];
  const running = { runningMean: context.empty([CHANNELS]), runningVar: context.empty([CHANNELS]) };
  return {
    weight,
    bias: bias!,
    channelWeight: along(weight),
    channelBias: along(bias!),
    modulation: { scale: along(scale!), shift: along(bias!) },
    share: { scale: share! },
    rest: { runningMean: zeros!, runningVar: ones!, eps: 0, weight: rest! },
    running,
    write: (parameters) => {
      for (let channel = 0; channel < CHANNELS; channel++) {
        numbersOf(parameters, channel).forEach((number, index) => (data[(index * APART) / 4 + channel] = number));
      }
      device.queue.writeBuffer(buffer, 0, data);
    },
    destroy: () => {
      running.runningMean.destroy();
      running.runningVar.destroy();
      buffer.destroy();
    },
  };
}
