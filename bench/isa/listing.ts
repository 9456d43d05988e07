/** What can be counted in a listing of RDNA or GCN instructions, without running it. */
export interface Counts {
  /** How many loads and stores of vector memory there are, by the bytes that each brings a lane. */
  loads: Record<number, number>;
  stores: Record<number, number>;
  /** The most loads that are on their way before something waits for one of them, and the bytes a lane that these bring. */
  loadsInFlight: number;
  bytesInFlight: number;
  loops: number;
  barriers: number;
  /** Instructions that take values from other lanes. */
  crossLane: number;
}

const MEMORY = /^(?:buffer|global|flat)_(load|store)_(\w+)/;
/** Waits until at most so many loads are on their way; GFX12 spells it differently. */
const WAIT = /vmcnt\((\d+)\)|^s_wait_loadcnt\S* (0x[\da-f]+|\d+)/;
const CROSS_LANE = /\brow_|quad_perm|_dpp|v_permlane|ds_swizzle|ds_bpermute|v_readlane/;

/** Counts what a listing has, read from its first line to its last as if no branch were taken. */
export function countsOf(listing: string): Counts {
  const counts: Counts = {
    loads: {},
    stores: {},
    loadsInFlight: 0,
    bytesInFlight: 0,
    loops: loopsOf(listing),
    barriers: 0,
    crossLane: 0,
  };
  let flight: number[] = [];
  for (const line of instructionsOf(listing)) {
    const [, direction, width] = MEMORY.exec(line) ?? [];
    if (direction !== undefined) {
      const bytes = bytesOf(width!);
      const tally = direction === 'load' ? counts.loads : counts.stores;
      tally[bytes] = (tally[bytes] ?? 0) + 1;
      if (direction === 'load') flight.push(bytes);
    }
    counts.loadsInFlight = Math.max(counts.loadsInFlight, flight.length);
    counts.bytesInFlight = Math.max(counts.bytesInFlight, sumOf(flight));
    // Loads come back in order: those that are left are the last ones.
    const wait = WAIT.exec(line);
    if (wait) flight = flight.slice(Math.max(0, flight.length - Number(wait[1] ?? wait[2])));
    if (line.startsWith('s_barrier')) counts.barriers++;
    if (CROSS_LANE.test(line)) counts.crossLane++;
  }
  return counts;
}

/** Lines without their comments, which hold the encoding. */
function instructionsOf(listing: string): string[] {
  return listing.split('\n').flatMap((line) => line.replace(/;.*$/, '').trim() || []);
}

/** Blocks that something later jumps back to. */
function loopsOf(listing: string): number {
  const before = new Set<string>();
  const heads = new Set<string>();
  for (const line of instructionsOf(listing)) {
    const label = /^(BB\d+):/.exec(line)?.[1];
    const target = /^s_c?branch\w* (BB\d+)/.exec(line)?.[1];
    if (label !== undefined) before.add(label);
    if (target !== undefined && before.has(target)) heads.add(target);
  }
  return heads.size;
}

/** Bytes a lane by the end of an instruction's name: `b128` and `d16_hi_b16` (RDNA 3), `dwordx4` and `ushort` (before that). */
function bytesOf(width: string): number {
  const bits = /(?:^|_)[biu](\d+)$/.exec(width)?.[1];
  if (bits !== undefined) return Number(bits) / 8;
  const words = /^dwordx(\d)$/.exec(width)?.[1];
  if (words !== undefined) return Number(words) * 4;
  if (/short/.test(width)) return 2;
  return /byte/.test(width) ? 1 : 4;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
