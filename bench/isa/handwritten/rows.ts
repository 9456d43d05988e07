import type { FloatDtype } from '../../../src/problem/dtype.ts';
import { READ, WRITE } from '../program.ts';
import type { Program } from '../program.ts';
import type { Reduction } from './reduction.ts';
import { statisticsText } from './statistics.ts';
import type { Numerics, RowStatistic } from './statistics.ts';
import { storageOf } from './storage.ts';

/** LayerNorm or RMSNorm of rows that lie side by side, of one length. */
export interface Rows {
  statistic: RowStatistic;
  length: number;
  dtype: FloatDtype;
  /** x + residual is what is normalized, and is written too. */
  residual: boolean;
}

/** Loads that a lane holds before a row takes a workgroup rather than a subgroup. */
const HELD_ALONE = 6;
/** Loads that a lane of a workgroup holds: a longer row is no work for one workgroup. */
const MOST_HELD = 16;

/** Invocations of a workgroup: one subgroup can reduce what all of them found. */
function workgroupOf(wave: number): number {
  return Math.min(256, wave * wave);
}

/** How a row is shared out. */
interface Layout {
  /** Numbers a load. */
  width: 4 | 8;
  lanes: number;
  /** Loads a lane. */
  loads: number;
  reduction: Reduction;
  workgroup: number;
}

/** A kernel as a specialist would write it for one shape: the row in registers, no loop, no bounds, subgroups; null: for another shape. */
export function rowProgram(rows: Rows, numerics: Numerics, wave: number): Program | null {
  const layout = layoutOf(rows, wave);
  if (!layout) return null;
  const { lanes, loads, width, reduction } = layout;
  const biased = rows.statistic === 'mean-variance';
  const arrays = [
    { name: 'x', access: READ, large: true },
    { name: 'y', access: WRITE, large: true },
    { name: 'weight', access: READ, large: false },
    ...(biased ? [{ name: 'bias', access: READ, large: false }] : []),
    ...(rows.residual
      ? [
          { name: 'residual', access: READ, large: true },
          { name: 'residual_out', access: WRITE, large: true },
        ]
      : []),
  ];
  const storage = storageOf(rows.dtype, width);
  const declared = arrays.map(
    ({ name, access, large }, index) =>
      `@group(0) @binding(${index + 1}) var<storage, ${access === WRITE ? 'read_write' : 'read'}> ` +
      `${name}: array<${large ? storage.type : 'vec4f'}>;`,
  );
  return {
    title: `by hand, ${reduction === 'cluster' ? `${lanes} lanes` : `a ${reduction}`} a row, ${numerics}`,
    elements: loads * width,
    bindings: [{ type: 'uniform' }, ...arrays.map(({ access }) => access)],
    code: [HEAD, ...declared, storage.text, bodyOf(rows, numerics, layout)].join('\n'),
  };
}

function layoutOf({ length, dtype }: Rows, wave: number): Layout | null {
  const workgroup = workgroupOf(wave);
  const widths = dtype === 'f32' ? ([4] as const) : ([8, 4] as const);
  for (const width of widths) {
    const loads = length / width;
    if (loads <= wave && Number.isInteger(Math.log2(loads))) {
      return { width, lanes: loads, loads: 1, reduction: loads === wave ? 'subgroup' : 'cluster', workgroup };
    }
    const lanes = loads <= wave * HELD_ALONE ? wave : workgroup;
    if (loads % lanes === 0 && loads / lanes <= MOST_HELD) {
      return { width, lanes, loads: loads / lanes, reduction: lanes === wave ? 'subgroup' : 'workgroup', workgroup };
    }
  }
  return null;
}

const HEAD = /* wgsl */ `enable subgroups;

struct Call {
  eps: f32,
  zero: u32,
}

@group(0) @binding(0) var<uniform> call: Call;`;

function bodyOf({ statistic, length, dtype, residual }: Rows, numerics: Numerics, layout: Layout): string {
  const { width, lanes, loads, reduction, workgroup } = layout;
  const { unpack, pack, vectors } = storageOf(dtype, width);
  const { functions, statements, xHat } = statisticsText(statistic, numerics, reduction, lanes);
  const each = (text: (vector: number) => string): string =>
    Array.from({ length: vectors }, (_, vector) => `    ${text(vector)}\n`).join('');
  const held = (vector: number): string => `held[k * ${vectors}u + ${vector}u]`;
  const bias = statistic === 'mean-variance' ? ' + bias[at]' : '';
  const shifted = statistic === 'mean-variance' && numerics === 'robust';
  return /* wgsl */ `
const LENGTH = ${length}.0;
const LOADS = ${loads}u;
const HELD = ${loads * vectors}u;
const LANES = ${lanes}u;

var<private> subgroup: u32;
var<private> subgroup_lane: u32;
var<private> subgroups: u32;
${functions}

@compute @workgroup_size(${workgroup})
fn main(
  @builtin(workgroup_id) id: vec3u,
  @builtin(local_invocation_index) local: u32,
  @builtin(subgroup_invocation_id) lane_of_subgroup: u32,
  @builtin(subgroup_size) subgroup_size: u32,
) {
  subgroup = local / subgroup_size;
  subgroup_lane = lane_of_subgroup;
  subgroups = ${workgroup}u / subgroup_size;
  let lane = local % LANES;
  let row = id.x * ${workgroup / lanes}u + local / LANES;
  let start = row * ${length / width}u;
  var held: array<vec4f, HELD>;
  for (var k = 0u; k < LOADS; k++) {
    let load = x[start + k * LANES + lane];
${each((vector) => `${held(vector)} = ${unpack('load')[vector]};`)}  }
${residual ? addText(layout, dtype) : ''}
${shifted ? `  let first = ${firstText(layout, dtype, residual)};` : ''}${statements}

  for (var k = 0u; k < HELD; k++) {
    let at = ((k / ${vectors}u) * LANES + lane) * ${vectors}u + k % ${vectors}u;
    held[k] = ${xHat} * weight[at]${bias};
  }
  for (var k = 0u; k < LOADS; k++) {
    y[start + k * LANES + lane] = ${pack(Array.from({ length: vectors }, (_, vector) => held(vector)))};
  }
}`;
}

/** Adds the residual to what is held, and writes the sum. */
function addText({ width }: Layout, dtype: FloatDtype): string {
  const { unpack, pack, vectors } = storageOf(dtype, width);
  const held = Array.from({ length: vectors }, (_, vector) => `held[k * ${vectors}u + ${vector}u]`);
  return /* wgsl */ `
  for (var k = 0u; k < LOADS; k++) {
    let load = residual[start + k * LANES + lane];
    ${held.map((one, vector) => `${one} += ${unpack('load')[vector]};`).join('\n    ')}
    residual_out[start + k * LANES + lane] = ${pack(held)};
  }`;
}

/** The first number of a row. */
function firstText({ width }: Layout, dtype: FloatDtype, residual: boolean): string {
  const [of] = storageOf(dtype, width).unpack('x[start]');
  const [other] = storageOf(dtype, width).unpack('residual[start]');
  return `(${of})${residual ? `.x + (${other})` : ''}.x`;
}
