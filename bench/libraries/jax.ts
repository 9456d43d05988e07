import type * as jaxJs from '@jax-js/jax';
import {
  arrivingOf,
  dtypeOf,
  EPS,
  hasCopies,
  inputShapes,
  MOMENTUM,
  outputNames,
  sizeOf,
  trainedOf,
} from '../cases/case.ts';
import type { Case, InputName, OutputName, Pass } from '../cases/case.ts';
import type { Data, Library, Subject } from './library.ts';
import { shapeIn, viewOf } from './view.ts';
import type { View } from './view.ts';

type Jax = typeof jaxJs;
type Array = jaxJs.numpy.Array;

/** jax-js on WebGPU: compiled by its `jit`, gradients by its `vjp`. */
export const jax: Library = {
  name: 'jax-js',
  open: async () => {
    const library = await import('@jax-js/jax');
    if (!(await library.init('webgpu')).includes('webgpu')) throw new Error('jax-js finds no WebGPU here');
    library.defaultDevice('webgpu');
    return {
      prepare: async (of, pass, data) => (pass === 'backward' ? null : prepare(library, of, pass, data)),
      // It has no way to give its device back.
      destroy: () => {},
    };
  },
};

async function prepare(library: Jax, of: Case, pass: Pass, { arrays, copies }: Data): Promise<Subject> {
  const { numpy: np } = library;
  const device = library.getWebGPUDevice();
  const view = viewOf(of);
  const names = Object.keys(inputShapes(of)) as InputName[];
  const rotating = names.filter(hasCopies);
  const upload = async (name: InputName): Promise<Array> =>
    library.blockUntilReady(np.array(arrays[name]!, { shape: [...shapeIn(view, name)] }));
  const parameters = new Map<InputName, Array>();
  for (const name of names) if (!rotating.includes(name)) parameters.set(name, await upload(name));
  const arriving = pass === 'step' ? arrivingOf(of) : [];
  const copied = await Promise.all(
    Array.from({ length: copies }, async () => {
      const made = [...rotating, ...arriving].map(async (name) => [name, await upload(name)] as const);
      return new Map(await Promise.all(made));
    }),
  );

  const forward = forwardOf(library, of, view);
  const compiled = library.jit(pass === 'step' ? stepOf(library, of, forward, names) : plainOf(forward, names));
  const results = (copy: number): Array[] => {
    const given = [...names, ...arriving].map((name) => copied[copy]!.get(name) ?? parameters.get(name)!);
    return compiled(...given.map((array) => array.ref)) as Array[];
  };
  let turn = 0;
  const call = async (): Promise<void> => {
    // Nothing runs until a result is asked for; to ask for its buffer also gives up the array.
    await Promise.all(results(turn++ % copies).map(async (array) => array.gpuBuffer()));
  };

  return {
    // Its f16 takes a feature that not every adapter has: it gets the same numbers as f32.
    ...(dtypeOf(of) !== 'f32' && { dtype: 'f32' }),
    call,
    run: async (calls) => {
      for (let i = 0; i < calls; i++) await call();
      await device.queue.onSubmittedWorkDone();
    },
    read: async () => {
      const found = results(0);
      const entries: [OutputName, Float32Array][] = [];
      for (const [index, name] of outputNames(of, pass).entries()) {
        entries.push([name, (await found[index]!.data()) as Float32Array]);
      }
      return Object.fromEntries(entries);
    },
    destroy: () => {
      compiled.dispose();
      for (const array of [...copied.flatMap((each) => [...each.values()]), ...parameters.values()]) array.dispose();
    },
  };
}

type Given = Record<InputName, Array>;

/** What a call gives besides y: things that no gradient is asked of. */
interface Results {
  y: Array;
  rest: Array[];
}

/** Takes arrays, and with them the only reference to each, as functions of jax-js do. */
type Forward = (given: Given) => Results;

function forwardOf(library: Jax, of: Case, view: View): Forward {
  const { nn, numpy: np } = library;
  const normalize = of.tracked ? null : normalizeOf(library, of, view);
  return (given) => {
    const { x, residual, scale, shift, by, add } = given;
    const input = residual ? x.add(residual) : x;
    const { normalized, rest } = normalize
      ? { rest: residual ? [input.ref] : [], normalized: normalize({ ...given, x: input }) }
      : track(np, of, view, given);
    const modulated = scale ? normalized.mul(scale.add(1)).add(shift) : normalized;
    const multiplied = by ? modulated.mul(nn.silu(by)) : modulated;
    const added = add ? multiplied.add(add) : multiplied;
    const { activation } = of;
    const activated = activation ? nn[activation](added) : added;
    return { y: of.rotary ? rotate(np, activated, given) : activated, rest };
  };
}

/** The halves of each head, turned by the angles of its token. */
function rotate(np: Jax['numpy'], y: Array, { cos, sin }: Given): Array {
  const [a, b] = np.split(y, 2, -1) as [Array, Array];
  const first = a.ref.mul(cos.ref).sub(b.ref.mul(sin.ref));
  return np.concatenate([first, b.mul(cos).add(a.mul(sin))], -1);
}

function normalizeOf({ nn, numpy: np }: Jax, { norm }: Case, { axes }: View): (given: Given) => Array {
  const over = [...axes];
  const keepdims = { keepdims: true };
  const deviationOf = (variance: Array): Array => np.sqrt(variance.add(EPS));
  const standardize = (x: Array): Array => nn.standardize(x, over, { epsilon: EPS });
  return ({ x, weight, bias, runningMean, runningVar, style }) => {
    switch (norm) {
      case 'rmsNorm':
        return x.ref.mul(np.reciprocal(deviationOf(np.mean(np.square(x), over, keepdims)))).mul(weight);
      case 'batchNormInference':
        return x.sub(runningMean).div(deviationOf(runningVar)).mul(weight).add(bias);
      case 'adaptiveInstanceNorm': {
        const mean = np.mean(style.ref, over, keepdims);
        const variance = np.var_(style, over, { ...keepdims, mean: mean.ref });
        return standardize(x).mul(deviationOf(variance)).add(mean);
      }
      default:
        return weight ? standardize(x).mul(weight).add(bias) : standardize(x);
    }
  };
}

/** BatchNorm by moments that are taken once, and the running statistics after them; the variance made unbiased. */
function track(
  np: Jax['numpy'],
  of: Case,
  view: View,
  { x, weight, bias, runningMean, runningVar }: Given,
): { normalized: Array; rest: Array[] } {
  const over = [...view.axes];
  const mean = np.mean(x.ref, over, { keepdims: true });
  const variance = np.var_(x.ref, over, { keepdims: true, mean: mean.ref });
  const count = sizeOf(of.shape) / sizeOf(view.parameters);
  const rest = [
    runningMean.mul(1 - MOMENTUM).add(mean.ref.mul(MOMENTUM)),
    runningVar.mul(1 - MOMENTUM).add(variance.ref.mul((MOMENTUM * count) / (count - 1))),
  ];
  const factor = np.reciprocal(np.sqrt(variance.add(EPS))).mul(weight);
  return { normalized: x.sub(mean).mul(factor).add(bias), rest };
}

function byName(names: readonly InputName[], given: readonly Array[]): Given {
  return Object.fromEntries(names.map((name, index) => [name, given[index]!])) as Given;
}

function plainOf(forward: Forward, names: readonly InputName[]): (...given: Array[]) => Array[] {
  return (...given) => {
    const { y, rest } = forward(byName(names, given));
    return [y, ...rest];
  };
}

/** Gives the results, and the gradients of x and what is trained; what arrives comes last. */
function stepOf({ vjp }: Jax, of: Case, forward: Forward, names: readonly InputName[]): (...given: Array[]) => Array[] {
  const trained = 1 + trainedOf(of).length;
  return (...given) => {
    const [dy, dresidualOut] = given.splice(names.length);
    const constants = given.splice(trained);
    const call = (...variables: Array[]): [Array, Array[]] => {
      const { y, rest } = forward(byName(names, [...variables, ...constants]));
      return [y, rest];
    };
    const [y, pull, rest] = vjp(call, given, { hasAux: true });
    const [dx, ...others] = pull(dy!) as [Array, ...Array[]];
    // It fails on a function of two results; what arrives at residualOut is a part of dx as it is.
    return [y as Array, ...(rest as Array[]), dresidualOut ? dx.add(dresidualOut) : dx, ...others];
  };
}
