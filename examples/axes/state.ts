import { modeOf, sharingOf } from './modes.ts';
import type { ModeId } from './modes.ts';
import { sharing } from './sharing.ts';
import type { Sharing } from './sharing.ts';
import type { Axis, Layout } from './tensor.ts';

/** What a group is divided by: its deviation, the mean taken off before, or its sum. */
export type Statistic = 'mean-variance' | 'sum';

/** All that a visitor can choose. */
export interface State {
  mode: ModeId;
  /** Of the mode `free`. */
  axes: readonly Axis[];
  /** Of the mode `group`. */
  groups: number;
  /** How many of the samples there are. */
  batch: number;
  layout: Layout;
  statistic: Statistic;
  /** Which numbers the shades of the cells are. */
  shown: 'x' | 'y';
  /** Whether the elements with the same γ and β are marked. */
  marked: boolean;
  /** The number of the element that was chosen. */
  chosen: number;
}

export const START: State = {
  mode: 'group',
  axes: ['C'],
  groups: 2,
  batch: 4,
  layout: 'NCHW',
  statistic: 'mean-variance',
  shown: 'x',
  marked: false,
  chosen: 67,
};

export const sharingIn = ({ mode, axes, groups }: State): Sharing =>
  mode === 'free' ? sharing(axes) : sharingOf(modeOf(mode), groups);
