import { ADAIN, CENTRED, L1, L2, MEAN, RMS, RUNNING, SUM } from './formulas.ts';

/** The modes of the page, in words: what shares statistics, what is done with them, how the result is drawn. */

export type ModeId =
  | 'batch-training'
  | 'batch-inference'
  | 'layer-chw'
  | 'layer-last'
  | 'instance'
  | 'group-1'
  | 'group-3'
  | 'adain'
  | 'rms'
  | 'pixel'
  | 'activation'
  | 'sum-image'
  | 'sum-channel'
  | 'l2'
  | 'l1'
  | 'moments';

export interface Mode {
  id: ModeId;
  title: string;
  /** MathML. */
  formula: string;
  /** The axes of [N, C, H, W] whose elements share statistics. */
  shares: readonly number[];
  note: string;
  /** The call; `affine` names what is given of γ and β. */
  code(affine: boolean, alpha: number): string;
  /** What is made visible: numbers about zero, up to the largest, or as they are, from 0 to 1. */
  show: 'centred' | 'positive' | 'unit';
  /** Whether y is γ · x̂ + β. */
  affine: boolean;
  /** What else the group is told by, beside mean and deviation. */
  total?: 'sum' | 'norm';
}

export const EPS = 1e-5;

/** A call with those of its options that are there. */
const call = (name: string, ...options: (string | false)[]): string => {
  const given = options.filter(Boolean).join(', ');
  return `${name}(x${given ? `, { ${given} }` : ''})`;
};
const WEIGHTS = 'weight, bias';
const MODULATION = 'modulation: { scale, shift }';

const statistic = (name: string, shares: readonly number[]) => (given: boolean) =>
  call('normalize', `axes: [${shares.join(', ')}]`, `statistic: '${name}'`, given && WEIGHTS);

export const MODES: readonly Mode[] = [
  {
    id: 'batch-training',
    title: 'BatchNorm',
    formula: CENTRED,
    shares: [0, 2, 3],
    show: 'centred',
    affine: true,
    note: 'Each colour over all pictures: change another one, and this one changes.',
    code: (given) => call('batchNorm', 'training: true', given && WEIGHTS),
  },
  {
    id: 'batch-inference',
    title: 'BatchNorm, inference',
    formula: RUNNING,
    shares: [0, 2, 3],
    show: 'centred',
    affine: true,
    note: 'One linear map a colour, by the running statistics that a training call on these pictures left.',
    code: (given) => call('batchNorm', '...running', given && WEIGHTS),
  },
  {
    id: 'layer-chw',
    title: 'LayerNorm',
    formula: CENTRED,
    shares: [1, 2, 3],
    show: 'centred',
    affine: true,
    note: 'Over C, H, W: each picture by itself. The darker copy comes out like the picture.',
    code: (given) => call('layerNorm', 'axes: [1, 2, 3]', given && MODULATION),
  },
  {
    id: 'layer-last',
    title: 'LayerNorm of rows',
    formula: CENTRED,
    shares: [3],
    show: 'centred',
    affine: true,
    note: 'Over W, as transformers do over the last axis: every row of pixels loses its brightness.',
    code: (given) => call('layerNorm', given && MODULATION),
  },
  {
    id: 'instance',
    title: 'InstanceNorm',
    formula: CENTRED,
    shares: [2, 3],
    show: 'centred',
    affine: true,
    note: 'Each colour of each picture: contrast and the cast of the light go.',
    code: (given) => call('instanceNorm', given && WEIGHTS),
  },
  {
    id: 'group-1',
    title: 'GroupNorm, 1 group',
    formula: CENTRED,
    shares: [1, 2, 3],
    show: 'centred',
    affine: true,
    note: 'All three colours in one group: what LayerNorm over C, H, W does.',
    code: (given) => call('groupNorm', 'numGroups: 1', given && WEIGHTS),
  },
  {
    id: 'group-3',
    title: 'GroupNorm, 3 groups',
    formula: CENTRED,
    shares: [2, 3],
    show: 'centred',
    affine: true,
    note: 'As many groups as colours: InstanceNorm. Networks have more channels, in 32 groups.',
    code: (given) => call('groupNorm', 'numGroups: 3', given && WEIGHTS),
  },
  {
    id: 'adain',
    title: 'AdaIN',
    formula: ADAIN,
    shares: [2, 3],
    show: 'unit',
    affine: false,
    note: 'Each colour takes the mean and deviation of another picture: a γ and a β that are measured.',
    code: (_, alpha) =>
      alpha === 1
        ? 'adaptiveInstanceNorm(x, style)'
        : 'adaptiveInstanceNorm(x, style, { modulation: { scale }, add: rest })',
  },
  {
    id: 'pixel',
    title: 'Per pixel',
    formula: CENTRED,
    shares: [0, 1],
    show: 'centred',
    affine: true,
    note: 'Over N, C: what all pictures have in common at a place goes.',
    code: statistic('mean-variance', [0, 1]),
  },
  {
    id: 'activation',
    title: 'Per activation',
    formula: CENTRED,
    shares: [0],
    show: 'centred',
    affine: true,
    note: 'Over N: every number against the same one of the other pictures, as in dense layers.',
    code: statistic('mean-variance', [0]),
  },
  {
    id: 'rms',
    title: 'RMSNorm',
    formula: RMS,
    shares: [1, 2, 3],
    show: 'positive',
    affine: false,
    total: 'norm',
    note: 'Over C, H, W: no mean is taken off, so black stays black; all get the same energy.',
    code: () => 'rmsNorm(x, { axes: [1, 2, 3] })',
  },
  {
    id: 'sum-image',
    title: 'Sum to one, image',
    formula: SUM,
    shares: [1, 2, 3],
    show: 'positive',
    affine: false,
    total: 'sum',
    note: 'Over C, H, W, as LayerNorm shares: all numbers of the picture add up to one.',
    code: statistic('sum', [1, 2, 3]),
  },
  {
    id: 'sum-channel',
    title: 'Sum to one, channel',
    formula: SUM,
    shares: [2, 3],
    show: 'positive',
    affine: false,
    total: 'sum',
    note: 'Over H, W, as InstanceNorm shares: each colour adds up to one; the cast of the light goes.',
    code: statistic('sum', [2, 3]),
  },
  {
    id: 'l2',
    title: 'l2 of colours',
    formula: L2,
    shares: [1],
    show: 'positive',
    affine: false,
    total: 'norm',
    note: 'Over C: every pixel a direction in the space of colours. Light and shade go, hue stays.',
    code: statistic('l2', [1]),
  },
  {
    id: 'l1',
    title: 'l1 of colours',
    formula: L1,
    shares: [1],
    show: 'positive',
    affine: false,
    total: 'sum',
    note: 'Over C: the RGB values of every pixel sum to one, which leaves its chromaticity.',
    code: statistic('l1', [1]),
  },
  {
    id: 'moments',
    title: 'Mean picture',
    formula: MEAN,
    shares: [0],
    show: 'unit',
    affine: false,
    note: 'Over N: nothing is normalized; the mean picture, to be merged with that of other devices.',
    code: () => 'moments(x, { axes: [0], keepDims: true }).mean',
  },
];

export const modeOf = (id: ModeId): Mode => MODES.find((mode) => mode.id === id)!;

/** Whether other pictures have a part in the result of one. */
export const isOverBatch = ({ shares }: Mode): boolean => shares.includes(0);

/** Whether one γ and one β a channel can undo it: where a channel has one mean at all its pixels. */
export const canGiveBack = ({ affine, shares }: Mode): boolean => affine && shares.includes(2) && shares.includes(3);
