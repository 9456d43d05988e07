import type { Problem } from '../problem/problem.ts';
import { shaderOf } from './measure.ts';
import { gridOf, makePass } from './pass.ts';
import { planeSize, PLANES } from './plan.ts';
import type { Binding, Pass } from './plan.ts';
import { planeOf } from './setting.ts';
import type { Setting } from './setting.ts';

/** Where AdaIN's weight and bias are: planes of the style's statistics. */
export const STYLE_STATISTICS = 'styleStatistics';

/** Where statistics come from that were known before the pass. */
export interface Source {
  use: 'saved' | 'moments' | 'running';
  /** The resource that holds their planes; none for running statistics. */
  statistics?: string;
}

/** The pass that sees whole groups: measures them and writes y. */
export function wholePass(setting: Setting, save: 'none' | 'statistics' | 'moments', saved: string): Pass {
  const { problem, profile, loads, schedule } = setting;
  const bindings = operands(setting);
  if (save !== 'none') bindings.push({ name: 'saved', resource: saved, type: 'Accumulator', writes: true });
  return makePass(profile, gridOf(loads, schedule), {
    kernel: 'forward',
    use: { ...pieces(setting), tile: schedule.tile, save },
    maps: loads.maps,
    bindings,
    call: { plane: planeOf(setting, problem.groups), eps: problem.eps },
  });
}

/** The pass that writes y with statistics that are known; it saves them where the call asks for it and no pass before did. */
export function applyPass(setting: Setting, source: Source): Pass {
  const { problem, profile, loads, schedule } = setting;
  const saves = problem.save && source.use !== 'saved';
  const bindings = operands(setting);
  if (source.statistics) {
    bindings.push({ name: 'statistics', resource: source.statistics, type: 'Accumulator', writes: false });
  } else {
    const type = loads.each['channel'] ? 'Value' : 'f32';
    bindings.push({ name: 'running_mean', resource: 'runningMean', type, writes: false });
    bindings.push({ name: 'running_var', resource: 'runningVar', type, writes: false });
  }
  if (saves) bindings.push({ name: 'saved', resource: 'saved', type: 'Accumulator', writes: true });
  return makePass(profile, gridOf(loads, schedule), {
    kernel: 'apply',
    use: { ...pieces(setting), source: source.use, save: saves ? 'statistics' : 'none' },
    maps: loads.maps,
    bindings,
    call: { plane: planeOf(setting, problem.groups), eps: problem.eps },
  });
}

/** The pieces of shader that both are made of. */
function pieces({ problem, loads }: Setting): Record<string, string> {
  return {
    vector: loads.vector,
    statistic: shaderOf(problem.measure),
    weight: problem.weight ? 'given' : 'none',
    bias: problem.bias ? 'given' : 'none',
  };
}

/** x, y, and the parameters. */
function operands({ problem, loads }: Setting): Binding[] {
  const bindings: Binding[] = [
    { name: 'x', resource: 'x', type: 'Value', writes: false },
    { name: 'y', resource: 'y', type: 'Value', writes: true },
  ];
  for (const name of ['weight', 'bias'] as const) {
    if (!problem[name]) continue;
    const type = loads.each[name] ? 'Value' : 'f32';
    bindings.push({ name, ...placeOf(problem, name), type, writes: false });
  }
  return bindings;
}

/** Where weight and bias are: tensors of the call, or planes of the style. */
export function placeOf(problem: Problem, name: 'weight' | 'bias'): { resource: string; offset?: number } {
  if (!problem.style) return { resource: name };
  const plane = PLANES[name === 'weight' ? 'scale' : 'mean'];
  return { resource: STYLE_STATISTICS, offset: plane * planeSize(problem.groups) * 4 };
}
