import type { Problem } from '../../problem/problem.ts';
import { traitsOf } from '../../problem/statistics.ts';
import {
  planForward,
  planUnpackedForward,
  partsOfGroups,
  savedIn,
  savesMoments,
  STYLE,
  trackBatch,
} from '../forward.ts';
import type { ElementOffsets } from '../element-offsets.ts';
import { NOT_IN_PLACE, scheduleInPlace, writingInPlace } from '../in-place.ts';
import type { InPlace } from '../in-place.ts';
import { planMoments } from '../moments.ts';
import { combineAffine } from '../passes/combine-affine.ts';
import { countBatch } from '../passes/count-batch.ts';
import { mergeMoments } from '../passes/merge-moments.ts';
import { normalizeKnowing } from '../passes/normalize.ts';
import { STYLE_STATISTICS } from '../passes/operands.ts';
import { partialMoments } from '../passes/partial-moments.ts';
import { planesBytes, planeSize } from '../plan.ts';
import type { Plan } from '../plan.ts';
import type { Profile } from '../profile.ts';
import type { Schedule } from '../schedule.ts';
import { atOnceOrSumFirst } from '../sum-first.ts';
import { groupsOf, partsOf, tilingOf, twoLevelTiling } from '../tiling/tiling.ts';
import type { Tiling } from '../tiling/tiling.ts';
import { Assembly } from './assembly.ts';
import type { Part, PlacedPlanes, Whole } from './assembly.ts';
import { fitted } from './cut.ts';
import type { Assembled } from './cut.ts';
import { byGroups, cutsGroups } from './pieces.ts';
import type { Piece } from './pieces.ts';

/**
 * As {@link planForward}, where a tensor may be larger than what the device binds at once: then in pieces.
 *
 * @throws NormError `limit` where that does not do.
 */
export function planFittingForward(
  problem: Problem,
  profile: Profile,
  forced: Partial<Schedule> = {},
  offsets: ElementOffsets = {},
  inPlace: InPlace = NOT_IN_PLACE,
): Plan {
  const whole: Whole = { problem, profile, forced, offsets };
  const plan = planForward(problem, profile, forced, offsets, inPlace);
  const fitting = fitted(problem.op, whole, plan, (pieces) => {
    if (problem.quantization && cutsGroups(problem, pieces)) return whyWholeGroups(problem)!;
    if (problem.measure === 'response') return OF_SAMPLE;
    const computes = problem.source === 'computed' && (cutsGroups(problem, pieces) || problem.update !== null);
    const scheduled = { ...whole, forced: scheduleOfPieces(inPlace, pieces, forced) };
    return computes ? momentsThenNormalize(scheduled, pieces) : pieceByPiece(scheduled, pieces);
  });
  return fitting === plan ? plan : writingInPlace(fitting, inPlace);
}

/** One for all, as the piece has it whose groups are no multiple of four. */
function scheduleOfPieces(inPlace: InPlace, pieces: readonly Piece[], forced: Partial<Schedule>): Partial<Schedule> {
  const odd = pieces.find(({ problem: { groups } }) => groups % 4 !== 0) ?? pieces[0]!;
  return scheduleInPlace(inPlace, odd.problem, forced);
}

/** The numbers of a piece's groups among those of all. */
export function placedIn(problem: Problem, { problem: { groups }, group }: Piece): PlacedPlanes {
  return { from: planeSize(groups), to: planeSize(problem.groups), first: group };
}

/** Pieces of whole groups, or whose statistics are known. */
function pieceByPiece(whole: Whole, pieces: readonly Piece[]): Assembled {
  const { problem, profile, forced } = whole;
  const assembly = new Assembly(whole);
  const saved: Record<string, number> = {};
  if (problem.update) {
    const passes = [...countBatch(problem, profile, null), ...trackBatch(problem, profile, 'moments')];
    assembly.addWhole({ scratch: {}, passes });
  }
  for (const piece of pieces) {
    const placed = placedIn(problem, piece);
    const kept = problem.save ? { saved: placed, ...(problem.style && { [STYLE_STATISTICS]: placed }) } : {};
    assembly.add('normalize', piece, { ...kept, moments: placed }, () => {
      const plan = planUnpackedForward(piece.problem, profile, forced);
      for (const [name, bytes] of Object.entries(plan.saved)) {
        saved[name] = Math.max(saved[name] ?? 0, (bytes / placed.from) * placed.to);
      }
      return plan;
    });
  }
  return { scratch: assembly.scratch, saved, passes: assembly.passes };
}

/** Pieces of parts of groups: the moments of all first, then the result. */
function momentsThenNormalize(whole: Whole, pieces: readonly Piece[]): Assembled {
  const { problem, profile, forced } = whole;
  const uncuttable = cutsGroups(problem, pieces) ? whyWholeGroups(problem) : null;
  if (uncuttable) return uncuttable;
  const assembly = new Assembly(whole);
  const saved = savedIn(problem);
  const style = problem.style ? planMoments(problem.style, profile, forced, STYLE) : null;
  assembly.addWhole({ scratch: {}, passes: countBatch(problem, profile, null) });
  if (style) assembly.addWhole(style);
  const saveMoments = problem.update !== null || savesMoments(problem) || traitsOf(problem.measure).countsTies;
  if (!addMoments(assembly, whole, pieces, saved, saveMoments)) return UNEVEN;
  assembly.addWhole({ scratch: {}, passes: trackBatch(problem, profile, saved) });
  for (const piece of pieces) {
    const placed = placedIn(problem, piece);
    assembly.add('normalize', piece, { [saved]: placed, [STYLE_STATISTICS]: placed }, () =>
      planKnowing(piece.problem, whole, saved),
    );
  }
  const statistics = { [saved]: planesBytes(problem.groups, saveMoments ? 'count' : 'rstd'), ...style?.saved };
  return {
    scratch: { ...assembly.scratch, ...(problem.save ? {} : statistics) },
    saved: problem.save ? statistics : {},
    passes: assembly.passes,
  };
}

/** Why pieces have to be of whole groups; null: they need not. */
export function whyWholeGroups({ partial, rotary, quantization, meanScale }: Problem): string | null {
  if (meanScale) return 'meanScale is of whole groups';
  if (partial !== null) return 'partial is of whole groups';
  if (quantization) return 'a scale is of a whole row';
  return rotary ? 'a rotation pairs elements of whole groups' : null;
}

export const OF_SAMPLE = 'its statistics are of all channels of a sample';
export const UNEVEN = 'they would be measured in different ways';

/** y of a piece, by statistics that are in `saved`. */
function planKnowing(problem: Problem, { profile, forced }: Whole, saved: string): Part {
  return atOnceOrSumFirst(problem, profile, forced, (of) => {
    const { problem: combined, passes, scratch } = combineAffine(of, profile);
    const tiling = twoLevelTiling(combined, profile, forced) ?? tilingOf(combined, profile, forced);
    const normalize = normalizeKnowing(tiling, { source: 'saved', resource: saved });
    return { label: '', saved: {}, scratch, passes: [...passes, normalize] };
  });
}

/** The moments of all groups, into `saved`; false where pieces of the same groups would be seen as different ones. */
export function addMoments(
  assembly: Assembly,
  { problem, profile, forced }: Whole,
  pieces: readonly Piece[],
  saved: string,
  saveMoments: boolean,
): boolean {
  const { measure, bessel } = problem;
  const isTwoLevel = twoLevelTiling(pieces[0]!.problem, profile, forced) !== null;
  const tilingOfPiece = ({ problem: of }: Piece): Tiling | null =>
    isTwoLevel ? twoLevelTiling(of, profile, forced, 1) : tilingOf(of, profile, forced);
  for (const same of byGroups(pieces)) {
    const tilings = same.map(tilingOfPiece).filter((tiling) => tiling !== null);
    const [tiling] = tilings;
    if (!tiling || tilings.length < same.length) return false;
    const seen = groupsOf(tiling);
    if (tilings.some((one) => groupsOf(one) !== seen)) return false;
    const merged = partsOfGroups(
      tiling,
      tilings.reduce((sum, one) => sum + partsOf(one), 0),
    );
    const count = merged.stride * merged.parts;
    assembly.reserve('partials', planesBytes(count, 'count'));
    let first = 0;
    for (const [index, piece] of same.entries()) {
      const own = seen * partsOf(tilings[index]!);
      const partials = { from: planeSize(own), to: planeSize(count), first };
      assembly.add(`moments among ${count}`, piece, { partials }, () => ({
        scratch: { partials: planesBytes(own, 'count') },
        passes: [partialMoments(tilings[index]!, { x: 'x', partials: 'partials' })],
      }));
      first += own;
    }
    const { groups } = same[0]!.problem;
    const merge = { ...merged, groups, measure, saveMoments, saved, partials: 'partials' };
    assembly.add(`merge of ${count}`, same[0]!, { [saved]: placedIn(problem, same[0]!) }, () => ({
      scratch: {},
      passes: [mergeMoments(profile, { ...merge, uniforms: { bessel_factor: bessel } })],
    }));
  }
  return true;
}
