/** What a training is told, and what it tells of itself: all that the page and the worker have to know of each other. */

/** What may stand at the place of a normalization. */
export const NORMS = ['none', 'batch', 'layer', 'group', 'instance'] as const;

export type Norm = (typeof NORMS)[number];

export const NORM_NAMES: Record<Norm, string> = {
  none: 'none',
  batch: 'BatchNorm',
  layer: 'LayerNorm',
  group: 'GroupNorm',
  instance: 'InstanceNorm',
};

/** What activations and their gradients may be stored in; tfjs itself knows f32 only. */
export const DTYPES = ['f32', 'f16', 'bf16'] as const;

export type Stored = (typeof DTYPES)[number];

/** Layers with sigmoids; convolutions with ReLUs, in batches of several sizes. */
export type ExperimentName = 'sigmoid' | 'batch size';

/** What there is to choose. */
export interface Choice {
  experiment: ExperimentName;
  norm: Norm;
  /** What goes through the normalizations is stored in it. */
  dtype: Stored;
  batchSize: number;
  seed: number;
}

/** One network to train. */
export interface Run extends Choice {
  learningRate: number;
  momentum: number;
  steps: number;
  /** Steps between two samples. */
  every: number;
  trainCount: number;
  testCount: number;
}

/** A sample of a training. */
export interface Row {
  experiment: ExperimentName;
  norm: Norm;
  batchSize: number;
  seed: number;
  step: number;
  /** Mean cross entropy of the training batches since the sample before, in nats. */
  loss: number;
  /** Share of the test pictures that are taken for another class. */
  testError: number;
}

/** Who is told how a training goes. */
export interface Listener {
  /** Before the first step: what it runs on, and how far its layers are from those of tfjs, see `checkBridge`. */
  began(adapter: string, difference: number): void | Promise<void>;
  sampled(row: Row): void | Promise<void>;
  /** It stands still, after so many steps. */
  halted(step: number): void | Promise<void>;
}
