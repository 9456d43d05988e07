import { sharing } from './sharing.ts';
import type { Sharing } from './sharing.ts';
import type { Axis } from './tensor.ts';

/** The ways to share statistics that have names. */

export type ModeId = 'batch' | 'layer' | 'instance' | 'group' | 'pixel' | 'activation' | 'free';

export interface Mode {
  id: ModeId;
  title: string;
  axes: readonly Axis[];
  /** Which elements have a γ and a β in common: those that differ along these axes only. Null where no paper says. */
  parametersAlong: readonly Axis[] | null;
  note: string;
}

export const MODES: readonly Mode[] = [
  {
    id: 'batch',
    title: 'BatchNorm',
    axes: ['N', 'H', 'W'],
    parametersAlong: ['N', 'H', 'W'],
    note: 'Each channel over the whole batch. What a sample becomes depends on the others.',
  },
  {
    id: 'layer',
    title: 'LayerNorm',
    axes: ['C', 'H', 'W'],
    parametersAlong: ['N'],
    note: 'Each sample by itself. Transformers take the channels of each position alone: try C.',
  },
  {
    id: 'instance',
    title: 'InstanceNorm',
    axes: ['H', 'W'],
    parametersAlong: ['N', 'H', 'W'],
    note: 'Each channel of each sample: contrast and colour cast of a single picture go.',
  },
  {
    id: 'group',
    title: 'GroupNorm',
    axes: ['C', 'H', 'W'],
    parametersAlong: ['N', 'H', 'W'],
    note: 'Some channels of each sample together: between LayerNorm and InstanceNorm.',
  },
  {
    id: 'pixel',
    title: 'Per pixel',
    axes: ['N', 'C'],
    parametersAlong: null,
    note: 'One position over all samples and channels: what all have in common there goes.',
  },
  {
    id: 'activation',
    title: 'Per activation',
    axes: ['N'],
    parametersAlong: ['N'],
    note: 'Every number against the same number of the other samples: BatchNorm of a fully connected layer.',
  },
  {
    id: 'free',
    title: 'Any axes',
    axes: ['C'],
    parametersAlong: null,
    note: 'Any axes you like: the elements along them share a mean and a deviation.',
  },
];

export const modeOf = (id: ModeId): Mode => MODES.find((mode) => mode.id === id)!;

/** The mode that axes are known by. */
export function modeOfAxes(axes: readonly Axis[]): ModeId {
  const found = MODES.find((mode) => mode.id !== 'free' && mode.axes.join() === axes.join());
  return found?.id ?? 'free';
}

/** What a mode shares. The number of groups is GroupNorm's alone. */
export const sharingOf = ({ id, axes }: Mode, groups: number): Sharing => sharing(axes, id === 'group' ? groups : 1);
