import type { Reduction } from './reduction.ts';
import { reductionText } from './reduction.ts';

/**
 * How sums are taken. `textbook`: as they stand. `robust`: as our kernels do, over the whole range of f32: a mean in two parts, and
 * squares of what a power of two brought near one (shaders/math/tile_moments.wgsl).
 */
export type Numerics = 'textbook' | 'robust';

export type RowStatistic = 'mean-variance' | 'rms';

/** The WGSL of a row's statistics, of the vec4f `held[k]`: functions, and what sets `x_hat` for each of them. */
export interface StatisticsText {
  functions: string;
  /** Statements that take the statistics. */
  statements: string;
  /** x_hat of `held[k]`, as an expression. */
  xHat: string;
}

export function statisticsText(
  statistic: RowStatistic,
  numerics: Numerics,
  how: Reduction,
  lanes: number,
): StatisticsText {
  const reduce = (name: string, ...operations: ('add' | 'max')[]): string =>
    reductionText(name, operations, how, lanes);
  if (numerics === 'textbook') {
    const sums = [reduce('sum_of_squares', 'add')];
    if (statistic === 'rms') return { functions: sums.join('\n'), statements: TEXTBOOK_RMS, xHat: 'held[k] * rstd' };
    sums.push(reduce('sum', 'add'));
    return { functions: sums.join('\n'), statements: TEXTBOOK_MOMENTS, xHat: '(held[k] - mean) * rstd' };
  }
  if (statistic === 'rms') {
    const functions = [ROBUST, reduce('peak', 'max'), reduce('sum_of_squares', 'add')].join('\n');
    return { functions, statements: ROBUST_RMS, xHat: 'held[k] * rstd' };
  }
  const functions = [ROBUST, reduce('sum_and_peak', 'add', 'max'), reduce('sums', 'add', 'add')].join('\n');
  return { functions, statements: ROBUST_MOMENTS, xHat: '(black_box(held[k] - mean) - mean_lo) * rstd' };
}

const TEXTBOOK_RMS = /* wgsl */ `
  var squares = vec4f();
  for (var k = 0u; k < HELD; k++) {
    squares += held[k] * held[k];
  }
  let rstd = inverseSqrt(sum_of_squares(dot(squares, vec4f(1.0))) / LENGTH + call.eps);`;

const TEXTBOOK_MOMENTS = /* wgsl */ `
  var total = vec4f();
  for (var k = 0u; k < HELD; k++) {
    total += held[k];
  }
  let mean = sum(dot(total, vec4f(1.0))) / LENGTH;
  var squares = vec4f();
  for (var k = 0u; k < HELD; k++) {
    squares += (held[k] - mean) * (held[k] - mean);
  }
  let rstd = inverseSqrt(sum_of_squares(dot(squares, vec4f(1.0))) / LENGTH + call.eps);`;

const ROBUST_RMS = /* wgsl */ `
  var largest = vec4f();
  for (var k = 0u; k < HELD; k++) {
    largest = max(largest, abs(held[k]));
  }
  let exponent = exponent_of(peak(largest_of(largest)));
  let scale = scale_down(exponent);
  var squares = vec4f();
  for (var k = 0u; k < HELD; k++) {
    let scaled = held[k] * scale;
    squares += scaled * scaled;
  }
  let root = sqrt(sum_of_squares(dot(squares, vec4f(1.0))) / LENGTH);
  let rstd = inverse_hypotenuse(root * scale_up(exponent), sqrt(call.eps));`;

const ROBUST_MOMENTS = /* wgsl */ `
  var total = vec4f();
  var largest = vec4f();
  for (var k = 0u; k < HELD; k++) {
    let distance = held[k] - first;
    total += distance * (1.0 / LENGTH);
    largest = max(largest, abs(distance));
  }
  let rough = sum_and_peak(vec2f(dot(total, vec4f(1.0)), largest_of(largest)));
  let mean = first + rough.x;
  let exponent = exponent_of(rough.y);
  let scale = scale_down(exponent);
  var distances = vec4f();
  var squares = vec4f();
  for (var k = 0u; k < HELD; k++) {
    let distance = (held[k] - mean) * scale;
    distances += distance;
    squares += distance * distance;
  }
  let found = sums(vec2f(dot(distances, vec4f(1.0)), dot(squares, vec4f(1.0)))) / LENGTH;
  let mean_lo = found.x * scale_up(exponent);
  let deviation = sqrt(max(found.y - found.x * found.x, 0.0)) * scale_up(exponent);
  let rstd = inverse_hypotenuse(deviation, sqrt(call.eps));`;

const ROBUST = /* wgsl */ `
fn exponent_of(range: f32) -> u32 { return clamp((bitcast<u32>(range) >> 23u) & 255u, 2u, 252u); }
fn scale_down(exponent: u32) -> f32 { return bitcast<f32>((254u - exponent) << 23u); }
fn scale_up(exponent: u32) -> f32 { return bitcast<f32>(exponent << 23u); }

fn inverse_hypotenuse(a: f32, b: f32) -> f32 {
  let scale = scale_down(exponent_of(max(a, b)));
  let squares = (a * scale) * (a * scale) + (b * scale) * (b * scale);
  return select(inverseSqrt(squares) * scale, 0.0, squares == 0.0);
}

fn largest_of(values: vec4f) -> f32 { return max(max(values.x, values.y), max(values.z, values.w)); }
fn black_box(value: vec4f) -> vec4f { return bitcast<vec4f>(bitcast<vec4u>(value) ^ vec4u(call.zero)); }`;
