import { createContext, NormError } from '../../../src/index.ts';
import type { Context, ContextOptions } from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { watchAccesses } from '../support/accesses.ts';
import { fusedErrors } from '../support/fused-errors.ts';
import { MOST_OF_SCALES, MOST_STEPS, quantizedErrors } from '../support/quantized.ts';
import type { QuantizedCall } from '../support/quantized.ts';
import type { Case } from './case.ts';
import { fillCase } from './fill-case.ts';
import type { Filled } from './fill-case.ts';
import { guard } from './guard.ts';
import { errorsInParts } from './in-parts.ts';
import { tensorsOf } from './tensors.ts';
import type { CaseTensors } from './tensors.ts';

/** A context, and what was seen of its programs since it was last asked: what they wrote behind memory, and where they are watched their accesses. */
interface Opened {
  context: Context;
  spills: () => Promise<string[]>;
  accesses: () => Promise<string[]>;
}

/** A device whose programs are watched, opened when first asked for. */
let watched: ReturnType<typeof openWatched> | undefined;

async function openWatched() {
  const { device } = await createContext({ gpu: await gpu() });
  return { device, accesses: watchAccesses(device) };
}

/** One binding is the watch's own, and some of the memory of a workgroup. */
function besideWatch({ profile = {} }: ContextOptions, { limits }: GPUDevice): ContextOptions['profile'] {
  const { maxArrays = Infinity, maxWorkgroup = Infinity } = profile;
  return {
    ...profile,
    maxArrays: Math.min(maxArrays, limits.maxStorageBuffersPerShaderStage - 1),
    maxWorkgroup: Math.min(maxWorkgroup, 128),
  };
}

/** Contexts of a device, one for all calls of the same adapter: what is remembered of one must not change the next. */
export class Contexts implements Disposable {
  readonly #device: GPUDevice;
  readonly #subgroup: number;
  readonly #opened = new Map<string, Opened>();

  constructor(device: GPUDevice, subgroup: number) {
    this.#device = device;
    this.#subgroup = subgroup;
  }

  async of(filled: Filled): Promise<Opened> {
    const adapter = adapterOf(filled, this.#subgroup);
    const { watched: isWatched } = filled.given;
    const key = JSON.stringify([isWatched, adapter]);
    let opened = this.#opened.get(key);
    if (!opened) {
      const { device, accesses } = isWatched
        ? await (watched ??= openWatched())
        : { device: this.#device, accesses: async () => [] };
      const context = await createContext({
        device,
        ...adapter,
        ...(isWatched && { profile: besideWatch(adapter, device) }),
      });
      this.#opened.set(key, (opened = { context, spills: guard(context), accesses }));
    }
    return opened;
  }

  [Symbol.dispose](): void {
    for (const { context } of this.#opened.values()) context.destroy();
  }
}

/** What is wrong with the results of a case, by name; empty where nothing is. Null: there is no such call. */
export async function faultsOf(contexts: Contexts, drawn: Case): Promise<string[] | null> {
  const filled = fillCase(drawn);
  if (!filled) return null;
  const { context, spills, accesses } = await contexts.of(filled);
  const tensors = tensorsOf(context, filled);
  const errors = await errorsOf(context, filled, tensors).catch(refused);
  if (!errors) {
    const easier = withMoreArrays(drawn) ?? inFewerPieces(drawn);
    return easier && faultsOf(contexts, easier);
  }
  const wrong = Object.entries(errors).filter(([name, units]) => (filled.gradients || name === 'y') && !(units <= 1));
  return [
    ...wrong.map(([name, units]) => `${name} is ${units} times what it may be off`),
    ...(await tensors.touched()).map((name) => `what lies around ${name} was written to`),
    ...(await spills()).map((label) => `what lies behind '${label}' was written to`),
    ...(await accesses()),
  ];
}

/** What each result of a case is off, by its name, as a part of what it may be: for the most part a unit of its last place. */
async function errorsOf(context: Context, filled: Filled, tensors: CaseTensors): Promise<Record<string, number>> {
  const { given, fused, dy, dresidualOut, way, over } = filled;
  if (way === 'in parts') return errorsInParts(filled, tensors);
  const writesResidualOut = dresidualOut !== null;
  if (way === 'quantized') {
    const call = { ...fused, writesResidualOut } as QuantizedCall;
    const { scales, steps, wrong, residualOut } = await quantizedErrors(context, call, tensors);
    return { scales: scales / MOST_OF_SCALES, y: steps / MOST_STEPS + 2 * wrong, residualOut };
  }
  const saves = way !== 'inference' && keeps(fused, over);
  return fusedErrors(context, fused, dy, dresidualOut, given.alone, { ...tensors, over, writesResidualOut, saves });
}

/** Whether no result goes over what a gradient reads. */
function keeps({ arrays, options }: Filled['fused'], { y, residualOut }: Filled['over']): boolean {
  const isSum = arrays['residual'] ?? arrays['inputBias'];
  return (
    !(y === 'x' && !isSum) && !(y === 'add' && options['activation']) && !(residualOut === 'residual' && arrays['gate'])
  );
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

export function adapterOf({ given: { profile, schedule, pieces }, fused }: Filled, subgroup: number): ContextOptions {
  const { subgroups, maxArrays, ...rest } = profile;
  // Only programs for such an adapter write four groups at once.
  const software = rest.software || schedule.groupsPerInvocation === 4;
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
    profile: { ...rest, software, ...binding, subgroup: subgroups ? subgroup : 0, subgroupSize: 0 },
    schedule: { ...schedule, ...lanes },
  };
}

/** What the device or the way that halves lie does not allow, as documented, is no call. */
function refused(error: unknown): null {
  if (error instanceof NormError && error.code === 'limit') return null;
  throw error;
}
