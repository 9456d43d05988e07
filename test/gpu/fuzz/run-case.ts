import { createContext } from '../../../src/index.ts';
import type { ContextOptions } from '../../../src/index.ts';
import { fusedErrors } from '../support/fused.ts';
import type { Case } from './case.ts';
import { fillCase } from './fill-case.ts';
import type { Filled } from './fill-case.ts';
import { guard } from './guard.ts';
import { refused, rowFaults } from './run-row.ts';
import { tensorsOf } from './tensors.ts';

/** What is wrong with the results of a case, by name; empty where nothing is. Null: there is no such call. */
export async function faultsOf(device: GPUDevice, subgroup: number, drawn: Case): Promise<string[] | null> {
  const filled = fillCase(drawn);
  if (!filled) return null;
  const { given, fused, dy, dresidualOut, gradients } = filled;
  const adapter = adapterOf(filled, subgroup);
  using context = await createContext({ device, ...adapter });
  const spills = guard(context);
  const { place, destination, accumulates, touched } = tensorsOf(context, filled);
  const errors = await fusedErrors(
    context,
    fused,
    dy,
    dresidualOut,
    given.alone,
    place,
    destination,
    accumulates,
  ).catch(refused);
  if (!errors) {
    const easier = withMoreArrays(drawn) ?? inFewerPieces(drawn);
    return easier && faultsOf(device, subgroup, easier);
  }
  const wrong = Object.entries(errors).filter(([name, units]) => (gradients || name === 'y') && !(units <= 1));
  const inRow = given.next.length > 0 ? await rowFaults(given, () => createContext({ device, ...adapter })) : [];
  return [
    ...wrong.map(([name, units]) => `${name} is ${units} units of the last place off`),
    ...(await touched()).map((name) => `what lies around ${name} was written to`),
    ...(await spills()).map((label) => `what lies behind '${label}' was written to`),
    ...inRow,
  ];
}

/** As many arrays as such a call takes, of eight at most. */
function withMoreArrays({ profile, ...rest }: Case): Case | null {
  const { maxArrays } = profile;
  return maxArrays !== null && maxArrays < 8 ? { ...rest, profile: { ...profile, maxArrays: maxArrays + 1 } } : null;
}

/** Pieces as small as such a call may be cut into. */
function inFewerPieces({ pieces, ...rest }: Case): Case | null {
  return pieces > 1.5 ? { ...rest, pieces: pieces / 1.5 } : null;
}

function adapterOf({ given: { profile, schedule, pieces }, fused }: Filled, subgroup: number): ContextOptions {
  const { subgroups, maxArrays, ...rest } = profile;
  const lanes = schedule.lanes === undefined ? {} : { lanes: Math.min(schedule.lanes, profile.maxWorkgroup) };
  const bytes = fused.x.data.length * (fused.dtypes['x'] === 'f32' ? 4 : 2);
  const binding = {
    ...(maxArrays !== null && { maxArrays }),
    ...(pieces > 1 && { maxBinding: Math.ceil(bytes / pieces) }),
  };
  return {
    calibrate: false,
    specialize: false,
    // What lies behind memory is looked at afterwards, however long a program takes to compile.
    memory: { idleSeconds: 3600 },
    profile: { ...rest, ...binding, subgroup: subgroups ? subgroup : 0, subgroupSize: 0 },
    schedule: { ...schedule, ...lanes },
  };
}
