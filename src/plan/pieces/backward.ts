import { isHalf } from '../../problem/dtype.ts';
import type { Operand, View } from '../../problem/affine.ts';
import { withoutSum } from '../../problem/problem.ts';
import type { Problem } from '../../problem/problem.ts';
import { isConstant } from '../../problem/running.ts';
import { stridesOf } from '../../problem/shape.ts';
import { planBackward, planGradientSums, planUnpackedBackward } from '../backward.ts';
import { withElementOffsets } from '../element-offsets.ts';
import type { ElementOffsets } from '../element-offsets.ts';
import { backwardProblem } from '../backward-problem.ts';
import { sumsOfGroups } from '../gradient-strategies.ts';
import type { GradientName, GradientOutputs, GradientRequest } from '../gradient-request.ts';
import { combineAffine } from '../passes/combine-affine.ts';
import { renamed } from '../passes/gradient-operands.ts';
import type { Renaming } from '../passes/gradient-operands.ts';
import { scratchOf, sumsBytes, sumsPlane } from '../passes/gradient-sums-layout.ts';
import type { SumsLayout } from '../passes/gradient-sums-layout.ts';
import { mergeGradientSums } from '../passes/merge-gradient-sums.ts';
import { pack, unpack } from '../passes/pack.ts';
import type { Half } from '../passes/pack.ts';
import { planesBytes, planeSize } from '../plan.ts';
import type { Plan } from '../plan.ts';
import type { Profile } from '../profile.ts';
import type { Schedule } from '../schedule.ts';
import { STYLE_STATISTICS } from '../passes/operands.ts';
import { arraysOf, extentOf } from './arrays.ts';
import type { Laid } from './arrays.ts';
import { Assembly } from './assembly.ts';
import type { Part, Whole } from './assembly.ts';
import { fitted } from './cut.ts';
import type { Assembled } from './cut.ts';
import { OF_SAMPLE, placedIn, whyWholeGroups } from './forward.ts';
import { axesOf, byGroups, cutsGroups } from './pieces.ts';
import type { Piece, PieceAxis } from './pieces.ts';

/** Sums over dz of every group: of all pieces, as a call would be given them, and of each. */
const [GIVEN, OF_PIECES] = ['sums', 'sumsOfPieces'] as const;

/**
 * As {@link planBackward}, where a tensor may be larger than what the device binds at once: then in pieces. What is a sum over pieces is
 * written by the first of them and added to by the others.
 *
 * @throws NormError `limit` where that does not do.
 */
export function planFittingBackward(
  problem: Problem,
  request: GradientRequest,
  profile: Profile,
  forced: Partial<Schedule> = {},
  offsets: ElementOffsets = {},
): Plan {
  const whole: Whole = { problem, profile, forced, offsets, input: problem.inputDtype };
  const plan = planBackward(problem, request, profile, forced, offsets);
  return fitted(`${problem.op}Backward`, whole, plan, (pieces) => gradientsOf(whole, request, pieces));
}

/** As {@link planGradientSums}, likewise. */
export function planFittingGradientSums(
  problem: Problem,
  profile: Profile,
  forced: Partial<Schedule>,
  offsets: ElementOffsets,
): Plan {
  const whole: Whole = { problem, profile, forced, offsets, input: problem.inputDtype };
  const plan = withElementOffsets(planGradientSums(problem, profile, forced), offsets);
  return fitted('gradientSums', whole, plan, (pieces) => {
    const assembly = new Assembly(whole);
    addSums(assembly, whole, pieces, problem);
    return { scratch: assembly.scratch, saved: plan.saved, passes: assembly.passes };
  });
}

function gradientsOf(whole: Whole, request: GradientRequest, pieces: readonly Piece[]): Assembled {
  const { problem, profile, forced } = whole;
  const { outputs } = request;
  if (problem.measure === 'response') return OF_SAMPLE;
  const cut = cutsGroups(problem, pieces);
  const needsSums = (['dx', 'dresidual', 'dgate', 'dinputBias', 'dby', 'dstyle'] as const).some(
    (name) => outputs[name],
  );
  const sums = cut && needsSums && !isConstant(problem.source) && request.sums === 'own';
  const uncuttable = cut ? whyWholeGroups(problem) : null;
  if (uncuttable) return uncuttable;
  if (sums && outputs.dstyle) return 'the gradient of a style is made of sums over whole groups';
  const summed = summedOver(whole, outputs, pieces);
  const uneven = summed.find((one) => one.isScattered);
  if (uneven) return `what a piece has of ${uneven.name} does not lie together`;

  const wide = summed.filter(({ laid, repeats }) => repeats && isHalf(laid.dtype));
  const names: Renaming = Object.fromEntries(
    wide.map(({ name }) => [name, { resource: wideName(name), dtype: 'f32' }]),
  );
  const lying = [
    ...summed.map(({ name, laid }): [string, Laid] => [name, laid]),
    ...wide.map(({ name, laid }): [string, Laid] => [wideName(name), { ...laid, dtype: 'f32' }]),
  ];
  const assembly = new Assembly(whole, new Map(lying));
  const halves = wide.map(({ name, laid }): Half => ({
    resource: name,
    dtype: laid.dtype,
    elementOffset: whole.offsets[name] ?? 0,
    wide: wideName(name),
    size: extentOf(laid, problem),
  }));
  for (const half of halves) {
    assembly.reserve(half.wide, half.size * 4);
    if (outputs[half.resource as GradientName] === 'accumulate') assembly.passes.push(unpack(profile, half));
  }
  if (sums) {
    assembly.reserve(GIVEN, planesBytes(problem.groups, 'mean_lo'));
    addSums(assembly, whole, pieces, withoutSum(problem));
  }
  const asked: GradientRequest = sums ? { ...request, sums: 'given' } : request;
  for (const piece of pieces) {
    const later = summed.filter(({ repeats, laid }) => repeats && isLater(whole, laid.view, piece));
    const modes: GradientOutputs = { ...outputs, ...Object.fromEntries(later.map(({ name }) => [name, 'accumulate'])) };
    const placed = placedIn(problem, piece);
    const planes = { saved: placed, [GIVEN]: placed, [STYLE_STATISTICS]: placed };
    assembly.add(`gradient ${Object.values(modes).join()}`, piece, planes, () => {
      const plan = planUnpackedBackward(piece.problem, { ...asked, outputs: modes }, profile, forced);
      return { scratch: plan.scratch, passes: plan.passes.map((pass) => renamed(pass, names)) };
    });
  }
  assembly.passes.push(...halves.map((half) => pack(profile, half)));
  return { scratch: assembly.scratch, saved: {}, passes: assembly.passes };
}

function wideName(resource: string): string {
  return `${resource}OfPieces`;
}

/** The gradient of an array that may be the same for several pieces. */
interface Summed {
  name: GradientName;
  laid: Laid;
  /** Whether several pieces have a share in an element. */
  repeats: boolean;
  /** Whether what a piece has of it is no stretch. */
  isScattered: boolean;
}

/** Gradients of which each piece has its own; that of a residual which broadcasts is a sum. */
function isOfPiece({ residual }: Problem, name: GradientName): boolean {
  return name === 'dx' || name === 'dstyle' || (name === 'dresidual' && residual !== null);
}

function summedOver(whole: Whole, outputs: GradientOutputs, [first]: readonly Piece[]): Summed[] {
  const { problem } = whole;
  const arrays = arraysOf(whole);
  return (Object.keys(outputs) as GradientName[])
    .filter((name) => !isOfPiece(problem, name))
    .map((name) => {
      const laid = packed(arrays.get(name)!, problem);
      const cut = axesOf(problem).filter(({ along, index, size }) => first!.problem[along][index]! < size);
      const repeats = cut.some(({ along, index }) => laid.view[along][index] === 0);
      return { name, laid, repeats, isScattered: isScattered(laid.view, first!.problem) };
    });
}

/** How the gradient of an array lies, whatever that strides: as x does where it has an element for each of it, else one after the other in the order of the strides. */
function packed(laid: Laid & Pick<Operand, 'isLikeX'>, problem: Problem): Laid {
  const { view, isLikeX = false } = laid;
  if (isLikeX) return { ...laid, view: problem.x };
  const strideOf = ({ along, index }: PieceAxis): number => view[along][index]!;
  const varying = axesOf(problem).filter((axis) => strideOf(axis) !== 0);
  const ordered = varying.toSorted((a, b) => strideOf(b) - strideOf(a));
  const strides = stridesOf(ordered.map(({ size }) => size));
  const own: View = { kept: view.kept.map(() => 0), reduced: view.reduced.map(() => 0) };
  for (const [at, { along, index }] of ordered.entries()) own[along][index] = strides[at]!;
  return { ...laid, view: own };
}

function isScattered({ kept, reduced }: View, problem: Problem): boolean {
  const axes = [
    ...kept.map((stride, axis) => ({ stride, size: problem.kept[axis]! })),
    ...reduced.map((stride, axis) => ({ stride, size: problem.reduced[axis]! })),
  ];
  const varying = axes.filter(({ stride, size }) => stride !== 0 && size > 1).toSorted((a, b) => a.stride - b.stride);
  let next = 1;
  return varying.some(({ stride, size }) => {
    const fits = stride === next;
    next *= size;
    return !fits;
  });
}

/** Whether a piece before this one had a share in its elements of an array. */
function isLater({ problem }: Whole, view: View, { at }: Piece): boolean {
  const along = (which: 'kept' | 'reduced'): boolean =>
    problem[which].some((size, axis) => size > 1 && view[which][axis] === 0 && at[which][axis]! > 0);
  return along('kept') || along('reduced');
}

/** The sums over dz of every group, into `sums`. */
function addSums(assembly: Assembly, whole: Whole, pieces: readonly Piece[], problem: Problem): void {
  for (const same of byGroups(pieces)) {
    const placed = placedIn(whole.problem, same[0]!);
    let layout: SumsLayout | null = null;
    for (const [index, piece] of same.entries()) {
      const planned = sumsOfPiece(whole, piece, problem);
      const stride = planeSize(piece.problem.groups);
      layout = { resource: OF_PIECES, axes: planned.axes, parts: same.length, stride };
      const of = { from: placed.from, to: sumsPlane(layout), first: index * stride };
      assembly.reserve(OF_PIECES, sumsBytes(layout));
      assembly.add(`sums of ${same.length}`, piece, { saved: placed, [OF_PIECES]: of }, () => planned);
    }
    const merged = { resource: GIVEN, axes: layout!.axes, parts: 1 };
    assembly.add(`merge of ${same.length}`, same[0]!, { [GIVEN]: placed }, () => ({
      scratch: {},
      passes: [mergeGradientSums(whole.profile, layout!, merged)],
    }));
  }
}

function sumsOfPiece({ profile, forced }: Whole, piece: Piece, problem: Problem): Part & Pick<SumsLayout, 'axes'> {
  const { residual, inputBias, gate } = problem;
  const combined = combineAffine({ ...piece.problem, residual, inputBias, gate }, profile);
  const request: GradientRequest = { outputs: {}, sums: 'part', dresidualOut: false };
  const { passes, sums } = sumsOfGroups(backwardProblem(combined.problem, request, profile, forced), OF_PIECES);
  const [own, ...rest] = sums;
  return {
    scratch: { ...combined.scratch, ...scratchOf(rest) },
    passes: [...combined.passes, ...passes],
    axes: own!.axes,
  };
}
