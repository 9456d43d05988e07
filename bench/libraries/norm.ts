import type { ContextOptions, GradientName, Saved, Tensor } from '../../src/index.ts';
import { dtypeOf, hasCopies, inputShapes, isLarge, outputNames, trainedOf } from '../cases/case.ts';
import type { Case, InputName, OutputName } from '../cases/case.ts';
import type { Arrays, OwnDevice } from './device.ts';
import type { Library } from './library.ts';
import type { Calls } from './norm-calls.ts';
import { callsOf } from './norm-calls.ts';
import { OURS } from './names.ts';
import { quantizedForward } from './norm-quantized.ts';
import type { Recorded } from './recorded.ts';
import { ownLibrary, subjectOf } from './recorded.ts';

/** This library. */
export const norm: Library = normWith(OURS);

/** The same with other options of its context. */
export function normWith(name: string, options?: ContextOptions): Library {
  return ownLibrary(
    name,
    async (own, of, pass, data) =>
      subjectOf(own, of, data, (arrays) => {
        if (of.quantized) return quantizedForward(own, of, arrays);
        const calls = callsOf(of, arrays);
        if (pass === 'forward') return forward(of, calls, arrays);
        const gradients = gradientsOf(own, of, arrays);
        return pass === 'backward' ? backward(calls, arrays, gradients) : step(of, calls, arrays, gradients);
      }),
    options,
  );
}

function forward(of: Case, calls: Calls, arrays: Arrays): Recorded {
  const made: Tensor[] = [];
  const note = (y: Tensor): void => {
    if (arrays.y.length === 0) made.push(y);
  };
  return {
    record: (encoder, copy) => note(calls.norm(copy, encoder)),
    call: (copy) => note(calls.norm(copy)),
    read: async () => readResults(of, made.length > 0 ? { ...arrays, y: made } : arrays),
    destroy: () => {
      for (const y of made) y.destroy();
    },
  };
}

function backward(calls: Calls, { x }: Arrays, { out, read, destroy }: Gradients): Recorded {
  const saved = x.map((_, copy) => calls.forward(copy));
  return {
    record: (encoder, copy) => void calls.backward(copy, saved[copy]!, { encoder, out: out(copy) }),
    call: (copy) => void calls.backward(copy, saved[copy]!, { out: out(copy) }),
    read,
    destroy: () => {
      destroy();
      for (const each of saved) each.destroy();
    },
  };
}

function step(of: Case, calls: Calls, arrays: Arrays, { out, read, destroy }: Gradients): Recorded {
  let recorded: Saved[] = [];
  return {
    record: (encoder, copy) => {
      const saved = calls.forward(copy, encoder);
      calls.backward(copy, saved, { encoder, out: out(copy) });
      recorded.push(saved);
    },
    call: (copy) => {
      const saved = calls.forward(copy);
      calls.backward(copy, saved, { out: out(copy) });
      saved.destroy();
    },
    read: async () => ({ ...(await readResults(of, arrays)), ...(await read()) }),
    tidy: () => {
      for (const saved of recorded) saved.destroy();
      recorded = [];
    },
    destroy,
  };
}

/** What the forward call on copy 0 gave. */
async function readResults(of: Case, { y, residualOut, parameters }: Arrays): ReturnType<Recorded['read']> {
  const { runningMean, runningVar } = parameters;
  const there: Partial<Record<OutputName, Tensor | undefined>> = {
    y: y[0],
    residualOut: residualOut[0],
    runningMean,
    runningVar,
  };
  return readAll(outputNames(of, 'forward').map((name) => [name, there[name]!]));
}

async function readAll(tensors: readonly (readonly [string, Tensor])[]): ReturnType<Recorded['read']> {
  const read = tensors.map(async ([name, tensor]) => [name, await tensor.read('f32')] as const);
  return Object.fromEntries(await Promise.all(read));
}

/** Tensors that take the gradients: as many copies of each as calls rotate over, where its array has these too. */
interface Gradients {
  out(copy: number): Partial<Record<GradientName, Tensor>>;
  read: Recorded['read'];
  destroy(): void;
}

function gradientsOf({ context }: OwnDevice, of: Case, { x }: Arrays): Gradients {
  const shapes = inputShapes(of);
  const dtype = dtypeOf(of);
  const empty = (name: InputName): Tensor =>
    context.empty(shapes[name]!, { dtype: isLarge(name) ? dtype : 'f32', label: `d${name}` });
  const made = (names: readonly InputName[]): Record<string, Tensor> =>
    Object.fromEntries(names.map((name) => [`d${name}`, empty(name)]));
  const wanted: InputName[] = ['x', ...trainedOf(of)];
  const shared = made(wanted.filter((name) => !hasCopies(name)));
  const rotating = x.map(() => made(wanted.filter(hasCopies)));
  const copies = rotating.map((each) => ({ ...each, ...shared }));
  return {
    out: (copy) => copies[copy]!,
    read: async () => readAll(Object.entries(copies[0]!)),
    destroy: () => {
      for (const tensor of [...rotating, shared].flatMap((each) => Object.values(each))) tensor.destroy();
    },
  };
}
