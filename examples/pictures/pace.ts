import type { Size } from './pictures.ts';

/** How often frames are drawn, and of which size they may be for that. */
export interface Pace {
  /** A frame of a size was begun at a time, and took so long, both in ms. Gives the size that the next one is to have. */
  frame(size: Size, now: number, took: number): Size;
  /** Frames drawn within the last second. */
  perSecond(): number;
}

/** What a frame may take, in ms, for 30 a second, with a little left for what else the page does. */
const BUDGET = 30;
/** A larger size is tried where its frames would take this share of that. */
const ROOM = 0.7;
/** The last frames, of which most must be too long, or their median short: the first ones of a size take longer. */
const FRAMES = 7;
/** How long a size is kept before a larger one is tried, in ms: twice as long each time that one was soon too large. */
const PATIENCE = { least: 1000, most: 60_000 } as const;
const SOON = 10_000;

const areaOf = ({ width, height }: Size): number => width * height;

/** The pace of sizes, the largest first. */
export function makePace(sizes: readonly Size[]): Pace {
  const times: number[] = [];
  const took: number[] = [];
  let patience: number = PATIENCE.least;
  /** When the size was last changed, and whether to a larger one. */
  let since = 0;
  let wasRaised = false;

  function change(from: number, to: number, now: number): Size {
    const wasTooLarge = wasRaised && now - since < SOON;
    if (to > from) patience = wasTooLarge ? Math.min(2 * patience, PATIENCE.most) : PATIENCE.least;
    wasRaised = to < from;
    took.length = 0;
    return sizes[to]!;
  }

  return {
    frame: (size, now, duration) => {
      times.push(now);
      while (times.length > 2 && now - times[0]! > 1000) times.shift();
      const at = sizes.indexOf(size);
      if (took.length === 0) since = now;
      took.push(duration);
      if (took.length > FRAMES) took.shift();
      const median = took.toSorted((a, b) => a - b)[took.length >> 1]!;
      const expected = (other: number): number => (median * areaOf(sizes[other]!)) / areaOf(size);
      const slow = took.filter((one) => one > BUDGET);
      if (slow.length > FRAMES / 2 && at < sizes.length - 1) {
        const fits = sizes.findIndex((_, other) => other > at && expected(other) <= BUDGET);
        return change(at, fits < 0 ? sizes.length - 1 : fits, now);
      }
      const isSettled = took.length === FRAMES && now - since > patience;
      return isSettled && at > 0 && expected(at - 1) <= ROOM * BUDGET ? change(at, at - 1, now) : size;
    },
    perSecond: () => (times.length < 2 ? 0 : (1000 * (times.length - 1)) / (times.at(-1)! - times[0]!)),
  };
}
