import { AXES, PLACES, SIZES } from './tensor.ts';
import type { Axis, Layout, Place } from './tensor.ts';

/** Which elements share statistics: those that differ along `axes` only; of the channels, those of one of `groups`. */
export interface Sharing {
  axes: readonly Axis[];
  /** Equal groups that the channels are divided into, where C is one of the axes; else 1. */
  groups: number;
}

/** Groups that divide the channels. */
export const GROUPS: readonly number[] = [1, 2, 3, 6];

export const channelsPerGroup = ({ groups }: Sharing): number => SIZES.C / groups;

/** Axes in their order, and a group of one channel as what it is: no C among the axes. */
export function sharing(axes: Iterable<Axis>, groups = 1): Sharing {
  const wanted = new Set(axes);
  if (groups === SIZES.C) wanted.delete('C');
  return { axes: AXES.filter((axis) => wanted.has(axis)), groups: wanted.has('C') ? groups : 1 };
}

export function areTogether(one: Place, other: Place, by: Sharing): boolean {
  return AXES.every((axis) => {
    if (axis !== 'C' || !by.axes.includes('C')) return by.axes.includes(axis) || one[axis] === other[axis];
    return Math.floor(one.C / channelsPerGroup(by)) === Math.floor(other.C / channelsPerGroup(by));
  });
}

/** The numbers of the elements that share statistics with one of them, itself included. */
export function groupOf(place: Place, by: Sharing, batch: number): number[] {
  return [...PLACES.keys()].filter((index) => PLACES[index]!.N < batch && areTogether(PLACES[index]!, place, by));
}

/** x as it is reshaped for a call, so that every group of channels has an axis of its own. */
export interface Reshaped {
  shape: readonly number[];
  /** The axes to normalize over. */
  axes: readonly number[];
  /** The index of an element along each axis of `shape`. */
  at(place: Place): number[];
}

export function reshaped(by: Sharing, layout: Layout, batch: number): Reshaped {
  const each = channelsPerGroup(by);
  const parts = [...(layout as Iterable<string>)].flatMap((letter) => {
    const axis = letter as Axis;
    const size = axis === 'N' ? batch : SIZES[axis];
    const reduced = by.axes.includes(axis);
    if (axis !== 'C' || by.groups === 1) return [{ size, reduced, at: (place: Place) => place[axis] }];
    return [
      { size: by.groups, reduced: false, at: ({ C }: Place) => Math.floor(C / each) },
      { size: each, reduced: true, at: ({ C }: Place) => C % each },
    ];
  });
  return {
    shape: parts.map(({ size }) => size),
    axes: [...parts.keys()].filter((axis) => parts[axis]!.reduced),
    at: (place) => parts.map(({ at }) => at(place)),
  };
}
