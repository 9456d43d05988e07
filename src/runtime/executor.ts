import type { Pass, Plan } from '../plan/plan.ts';
import type { CallNumbers } from '../plan/uniforms.ts';
import { uniformBytes, uniformSize } from '../programs/call-uniform.ts';
import { programsOf } from '../programs/programs.ts';
import type { Program, Programs } from '../programs/programs.ts';
import { BindGroups } from './bind-groups.ts';
import type { BoundKey } from './bind-groups.ts';
import { MOST } from './bounds.ts';
import type { Encoder } from './encoder.ts';
import type { Ledger } from './ledger.ts';
import type { Quiet } from './quiet.ts';
import { SharedBuffers } from './shared-buffers.ts';
import type { Allocation, BufferRange } from './storage.ts';
import { mention } from './submissions.ts';
import { UniformArena } from './uniform-arena.ts';
import type { UniformSlot } from './uniform-arena.ts';

/** A shape that came back so often is worth a program of its own. */
const RUNS_BEFORE_SPECIALIZED = 4;

export type Resources = Readonly<Record<string, BufferRange>>;

/** A pass that was compiled, with all it needs but the buffers. */
interface Ready {
  pass: Pass;
  program: Program;
  shape: ReadyShape;
}

/** A pass of a plan between calls: the uniform for the numbers of the last one. */
interface Kept {
  /** Names the pass in keys of bind groups. */
  id: number;
  uniform: UniformSlot | null;
  numbers: CallNumbers | null;
}

/** A pass with the buffers of a call. */
interface Bound {
  ready: Ready;
  group: GPUBindGroup;
}

/** State shared by passes of one shape: those of pieces, which differ in where they are bound alone, have one object of uniforms. */
interface ReadyShape {
  /** A pipeline for the shape alone, once it was compiled. */
  specialized: GPUComputePipeline | null;
  runs: number;
}

/** Runs plans: one dispatch a pass. What it makes on the way it keeps, within bounds. */
export class Executor {
  readonly #device: GPUDevice;
  readonly #programs: Programs;
  readonly #quiet: Quiet;
  readonly #specializes: boolean;
  readonly #ready = new WeakMap<Pass, Ready>();
  readonly #kept = new WeakMap<Pass, Kept>();
  readonly #shapes = new WeakMap<Pass['uniforms'], ReadyShape>();
  /** Bytes of the largest uniform of a plan. */
  readonly #uniformSizes = new WeakMap<Plan, number>();
  /** Shapes with a program of their own, the oldest first. */
  readonly #specialized = new Set<ReadyShape>();
  readonly #sharing = new SharedBuffers();
  readonly bindGroups: BindGroups<Bound>;
  readonly uniforms: UniformArena;
  #lastId = 0;

  constructor(device: GPUDevice, ledger: Ledger, quiet: Quiet, specialize: boolean) {
    this.#device = device;
    this.#programs = programsOf(device, MOST.pipelines);
    this.#quiet = quiet;
    this.#specializes = specialize;
    this.bindGroups = new BindGroups(quiet);
    this.uniforms = new UniformArena(device, ledger, (id) => this.bindGroups.forget(id));
  }

  /** The pipelines there are on the device. */
  get pipelines(): number {
    return this.#programs.size;
  }

  /** Compiles what plans need, off the main thread; returns the labels of the programs that were not there. */
  async prepare(plans: readonly Plan[]): Promise<string[]> {
    const passes = plans.flatMap((plan) => plan.passes);
    const labels = await Promise.all(passes.map(async (pass) => this.#programs.prepare(pass)));
    return [...new Set(labels.flat())];
  }

  /** A plan as it is run with these resources: those of its own, which hold nothing of a call's, need not be there. */
  asRun(plan: Plan, resources: Resources): Plan {
    const passes = plan.passes.map((pass) => this.#sharing.variantOf(pass, resources));
    return passes.every((pass, index) => pass === plan.passes[index]) ? plan : { ...plan, passes };
  }

  /** Whether running the plan would compile nothing: its passes ran before, or are of kinds that did, and nothing was wrong. */
  isWarm(plan: Plan, resources: Resources): boolean {
    return plan.passes.every((pass) => {
      const ready = this.#knownOf(this.#sharing.variantOf(pass, resources));
      return ready?.program.dropped === false && ready.program.sure;
    });
  }

  /** Notes that the device found nothing wrong with a run: what it ran was compiled. */
  trust(plan: Plan, resources: Resources): void {
    for (const pass of plan.passes) {
      const ready = this.#ready.get(this.#sharing.variantOf(pass, resources));
      if (ready) ready.program.sure = true;
    }
  }

  /** Records a plan into an open pass. Every resource its bindings name must be there; `encoder`: that of the caller, if it is. */
  record(
    computePass: GPUComputePassEncoder,
    plan: Plan,
    resources: Resources,
    numbers: CallNumbers,
    encoder: Encoder | undefined,
  ): void {
    const uniforms = this.uniforms.reserve(plan.passes.length, this.#uniformSizeOf(plan));
    if (encoder) mention(this.#device.queue, encoder, [uniforms]);
    for (const pass of plan.passes) {
      const { ready, group } = this.#boundTo(pass, resources, numbers, uniforms);
      this.#use(ready);
      computePass.setPipeline(ready.shape.specialized ?? ready.program.pipeline);
      computePass.setBindGroup(0, group);
      computePass.dispatchWorkgroups(pass.workgroups[0], pass.workgroups[1]);
    }
    this.#quiet.start();
  }

  #readyOf(pass: Pass): Ready {
    return this.#ready.get(pass) ?? this.#readied(pass, this.#programs.get(pass));
  }

  /** As {@link Executor.#readyOf}, where its kind was compiled before. */
  #knownOf(pass: Pass): Ready | undefined {
    const ready = this.#ready.get(pass);
    const program = ready ? undefined : this.#programs.find(pass);
    return program ? this.#readied(pass, program) : ready;
  }

  #readied(pass: Pass, program: Program): Ready {
    const ready = { pass, program, shape: this.#shapeOf(pass) };
    this.#ready.set(pass, ready);
    return ready;
  }

  /** Notes a run: its program is kept, and a shape that comes back gets one of its own. */
  #use(ready: Ready): void {
    if (ready.program.dropped) ready.program = this.#programs.get(ready.pass);
    this.#programs.use(ready.program);
    if (++ready.shape.runs === RUNS_BEFORE_SPECIALIZED && this.#specializes) void this.#specialize(ready);
  }

  #shapeOf({ uniforms }: Pass): ReadyShape {
    let shape = this.#shapes.get(uniforms);
    if (!shape) this.#shapes.set(uniforms, (shape = { specialized: null, runs: 0 }));
    return shape;
  }

  /** Lets a program take over that knows the shape. What fails leaves the one of its kind. */
  async #specialize({ pass, program, shape }: Ready): Promise<void> {
    shape.specialized = await this.#programs.specialize(pass, program).catch(() => null);
    if (!shape.specialized) return;
    this.#specialized.add(shape);
    const [oldest] = this.#specialized;
    if (this.#specialized.size > MOST.specialized) this.#generalize(oldest!);
  }

  /** Gives the program for a shape up: should the shape come back, it is compiled again. */
  #generalize(shape: ReadyShape): void {
    shape.specialized = null;
    shape.runs = 0;
    this.#specialized.delete(shape);
  }

  /** The pass with its buffers: as it was bound before, or anew. */
  #boundTo(pass: Pass, resources: Resources, numbers: CallNumbers, uniforms: Allocation): Bound {
    const kept = this.#keptOf(pass);
    const uniform = this.#uniformOf(kept, pass, numbers);
    const key = [kept.id, uniforms.id, uniform.offset];
    for (const { resource } of pass.bindings) {
      const { storage, offset, size } = resources[resource]!;
      key.push(storage.id, offset, size);
    }
    return this.bindGroups.find(key) ?? this.#bind(key, pass, resources, uniforms, uniform);
  }

  #keptOf(pass: Pass): Kept {
    let kept = this.#kept.get(pass);
    if (!kept) this.#kept.set(pass, (kept = { id: ++this.#lastId, uniform: null, numbers: null }));
    return kept;
  }

  #uniformSizeOf(plan: Plan): number {
    let size = this.#uniformSizes.get(plan);
    if (size === undefined) this.#uniformSizes.set(plan, (size = Math.max(...plan.passes.map(uniformSize))));
    return size;
  }

  #uniformOf(kept: Kept, pass: Pass, numbers: CallNumbers): UniformSlot {
    const { uniform, numbers: last } = kept;
    if (uniform && last && !uniform.dropped && isSame(last, numbers)) {
      this.uniforms.use(uniform);
      return uniform;
    }
    kept.numbers = numbers;
    return (kept.uniform = this.uniforms.slotOf(uniformBytes(pass, numbers)));
  }

  /** Sizes are stated: a buffer may be larger than what of it is bound. */
  #bind(key: BoundKey, planned: Pass, resources: Resources, uniforms: Allocation, { offset }: UniformSlot): Bound {
    const pass = this.#sharing.variantOf(planned, resources);
    const ready = this.#readyOf(pass);
    const ranges = pass.bindings.map(({ resource }) => resources[resource]!);
    const group = this.#device.createBindGroup({
      label: `webgpu-norm ${pass.kernel}`,
      layout: ready.program.layout,
      entries: [
        { binding: 0, resource: { buffer: uniforms.buffer, offset, size: this.uniforms.slotBytes } },
        ...pass.bindings.map(({ byteOffset = 0, byteSize }, index) => {
          const { storage, offset, size } = ranges[index]!;
          const resource = {
            buffer: storage.buffer,
            offset: offset + byteOffset,
            size: byteSize ?? size - byteOffset,
          };
          return { binding: index + 1, resource };
        }),
      ],
    });
    const bound = { ready, group };
    this.bindGroups.add(key, bound, [uniforms.id, ...ranges.map(({ storage }) => storage.id)]);
    return bound;
  }
}

function isSame(a: CallNumbers, b: CallNumbers): boolean {
  return a.eps === b.eps && a.momentum === b.momentum && a.activation_parameter === b.activation_parameter;
}
