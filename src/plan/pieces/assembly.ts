import { arraySpec } from '../../problem/arrays.ts';
import { bytesPerElement, wholeWords } from '../../problem/dtype.ts';
import type { Dtype } from '../../problem/dtype.ts';
import type { Problem } from '../../problem/problem.ts';
import { withElementOffsets } from '../element-offsets.ts';
import type { ElementOffsets } from '../element-offsets.ts';
import { packHalves } from '../passes/pack.ts';
import { planesBytes } from '../plan.ts';
import type { Binding, Pass, Plan } from '../plan.ts';
import type { Profile } from '../profile.ts';
import type { Schedule } from '../schedule.ts';
import { widthOf } from '../tiling/access-width.ts';
import type { Uniforms } from '../uniforms.ts';
import { arraysOf, extentOf, offsetAt } from './arrays.ts';
import type { Laid } from './arrays.ts';
import type { Piece } from './pieces.ts';

/** Bytes that what is bound begins at a multiple of, on any device. */
export const ALIGNMENT = 256;

/** The whole that is planned in pieces. */
export interface Whole {
  problem: Problem;
  profile: Profile;
  forced: Partial<Schedule>;
  /** Where its tensors begin in what is bound of them. */
  offsets: ElementOffsets;
  /** The dtype of the array that a gradient takes for x. */
  input?: Dtype;
}

/** Where the numbers of a piece's groups are, among those of more: floats from plane to plane, of the piece alone and of all, and the first. */
export interface PlacedPlanes {
  from: number;
  to: number;
  first: number;
}

/** Passes, and scratch buffers by size in bytes. */
export type Part = Pick<Plan, 'scratch' | 'passes'>;

/** Collects the passes of pieces, each bound to its part of the arrays. Pieces of one size are planned once. */
export class Assembly {
  readonly scratch: Record<string, number> = {};
  readonly passes: Pass[] = [];
  readonly #whole: Whole;
  readonly #arrays: Map<string, Laid>;
  readonly #parts = new Map<string, Part>();

  /** `more`: scratch buffers that lie as arrays of the call do. */
  constructor(whole: Whole, more: ReadonlyMap<string, Laid> = new Map()) {
    this.#whole = whole;
    this.#arrays = new Map([...arraysOf(whole), ...more]);
  }

  /** Makes a scratch buffer, or makes it larger. */
  reserve(name: string, bytes: number): void {
    this.scratch[name] = Math.max(this.scratch[name] ?? 0, bytes);
  }

  /** Adds passes that are over all of the call. */
  addWhole({ scratch, passes }: Part): void {
    const { problem, profile, offsets } = this.#whole;
    this.#reserveAll(scratch);
    const plan: Plan = { label: '', saved: {}, scratch, passes };
    const packed = packHalves(withElementOffsets(plan, offsets), problem, profile);
    this.#reserveAll(packed.scratch);
    this.passes.push(...packed.passes);
  }

  /** Adds what `make` plans for a piece; `step` names it, `planes` says of which resources only a part is the piece's. */
  add(step: string, piece: Piece, planes: Readonly<Record<string, PlacedPlanes>>, make: () => Part): void {
    const { kept, reduced } = piece.problem;
    const key = `${step} ${kept.join()} ${reduced.join()}`;
    const part = this.#partOf(key, make);
    const offsets: Record<string, number> = {};
    for (const { bindings } of part.passes) {
      for (const { resource } of bindings) {
        const offset = this.#placeOf(resource, piece, part, planes)?.elementOffset ?? 0;
        if (offset > 0) offsets[resource] = offset;
      }
    }
    const bound = this.#partOf(`${key} ${JSON.stringify(offsets)}`, () => {
      const plan: Plan = { label: '', saved: {}, ...part };
      const packed = packHalves(withElementOffsets(plan, offsets), piece.problem, this.#whole.profile);
      return inPlanes(packed, planes);
    });
    this.#reserveAll(bound.scratch);
    for (const pass of bound.passes) {
      const bindings = pass.bindings.map((binding): Binding => {
        const place = this.#placeOf(binding.resource, piece, bound, planes, binding);
        return place ? { ...binding, ...place.bytes } : binding;
      });
      this.passes.push({ ...pass, bindings });
    }
  }

  #partOf(key: string, make: () => Part): Part {
    let part = this.#parts.get(key);
    if (!part) this.#parts.set(key, (part = make()));
    return part;
  }

  #reserveAll(scratch: Readonly<Record<string, number>>): void {
    for (const [name, bytes] of Object.entries(scratch)) this.reserve(name, bytes);
  }

  /** Where a resource begins for a piece; null where that is the same for all pieces. `binding`: the bytes of it that a pass binds, of planes. */
  #placeOf(
    resource: string,
    piece: Piece,
    part: Part,
    planes: Readonly<Record<string, PlacedPlanes>>,
    { byteOffset: within = 0, byteSize: size }: Pick<Binding, 'byteOffset' | 'byteSize'> = {},
  ): { bytes: Pick<Binding, 'byteOffset' | 'byteSize'>; elementOffset: number } | null {
    const placed = planes[resource];
    if (placed) {
      const first = (this.#whole.offsets[resource] ?? 0) + placed.first;
      const { byteOffset, elementOffset } = split((within / placed.from) * placed.to + first * 4, 4);
      return {
        bytes: { byteOffset, ...(size !== undefined && { byteSize: size + elementOffset * 4 }) },
        elementOffset,
      };
    }
    const laid = this.#arrays.get(resource);
    if (!laid || Object.hasOwn(part.scratch, resource)) return null;
    const bytes = bytesPerElement(laid.dtype);
    const first = (this.#whole.offsets[resource] ?? 0) + offsetAt(laid.view, piece.at);
    const { byteOffset, elementOffset } = split(first * bytes, bytes);
    const byteSize = wholeWords((elementOffset + extentOf(laid, piece.problem)) * bytes);
    return { bytes: { byteOffset, byteSize }, elementOffset };
  }
}

/** An offset as what can be bound at, and the elements that remain. */
function split(bytes: number, perElement: number): { byteOffset: number; elementOffset: number } {
  const rest = bytes % ALIGNMENT;
  return { byteOffset: bytes - rest, elementOffset: rest / perElement };
}

/** Passes over planes as far apart as those of the whole are. What is read by the same distance lies so too. */
function inPlanes({ scratch, passes }: Part, planes: Readonly<Record<string, PlacedPlanes>>): Part {
  const all = { ...planes };
  const sizes = { ...scratch };
  for (const { bindings } of passes) {
    const statistics = bindings.find(({ name }) => name === 'statistics');
    const sums = bindings.find(({ name }) => name === 'group_sums');
    const placed = statistics && all[statistics.resource];
    if (!placed || !sums || all[sums.resource]) continue;
    all[sums.resource] = { ...placed, first: 0 };
    sizes[sums.resource] = wholeWords((sizes[sums.resource]! / placed.from) * placed.to);
  }
  const moved = (binding: Binding): Binding => {
    const { resource, byteOffset } = binding;
    const placed = planes[resource] ? undefined : all[resource];
    return placed && byteOffset ? { ...binding, byteOffset: (byteOffset / placed.from) * placed.to } : binding;
  };
  return {
    scratch: sizes,
    passes: passes.map((pass) => ({
      ...pass,
      bindings: pass.bindings.map(moved),
      uniforms: uniformsIn(all, pass),
    })),
  };
}

function uniformsIn(planes: Readonly<Record<string, PlacedPlanes>>, pass: Pass): Uniforms {
  const uniforms = { ...pass.uniforms };
  for (const binding of pass.bindings) {
    const { plane } = arraySpec(binding.name);
    const placed = planes[binding.resource];
    if (!plane || !placed) continue;
    const width = widthOf(binding, pass);
    if (pass.uniforms[plane] * width === placed.from) uniforms[plane] = placed.to / width;
  }
  return uniforms;
}

/** The resource of a plan of which one pass binds more than the device does at once, if there is one. */
export function tooLarge(
  { scratch, saved, passes }: Pick<Plan, 'scratch' | 'saved' | 'passes'>,
  whole: Whole,
): { resource: string; bytes: number } | null {
  const { problem, profile, offsets } = whole;
  const arrays = arraysOf(whole);
  const sizeOf = ({ resource, byteSize, byteOffset = 0 }: Binding): number => {
    const size = byteSize ?? scratch[resource] ?? saved[resource];
    if (size !== undefined) return byteSize ?? size - byteOffset;
    const laid = arrays.get(resource);
    if (!laid)
      return resource === 'sums' ? planesBytes(problem.groups, 'mean_lo') : planesBytes(problem.groups, 'count');
    return wholeWords(((offsets[resource] ?? 0) + extentOf(laid, problem)) * bytesPerElement(laid.dtype));
  };
  let most: { resource: string; bytes: number } | null = null;
  for (const { bindings } of passes) {
    for (const binding of bindings) {
      const bytes = sizeOf(binding);
      if (bytes > profile.maxBinding && bytes > (most?.bytes ?? 0)) most = { resource: binding.resource, bytes };
    }
  }
  return most;
}
