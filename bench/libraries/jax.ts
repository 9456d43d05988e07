import type * as jaxJs from '@jax-js/jax';
import { EPS, inputShapes, outputNames } from '../cases/case.ts';
import type { Case, InputName, OutputName, Pass } from '../cases/case.ts';
import type { Data, Library, Subject } from './library.ts';
import { viewOf } from './view.ts';
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
  const upload = async (name: InputName): Promise<Array> => {
    const large = name === 'x' || name === 'dy' || name === 'style';
    const shape = [...(large ? view.shape : view.parameters)];
    return library.blockUntilReady(np.array(arrays[name]!, { shape }));
  };
  const parameters = await Promise.all(names.slice(1).map(upload));
  const copied = async (name: InputName): Promise<Array[]> =>
    Promise.all(Array.from({ length: copies }, async () => upload(name)));
  const x = await copied('x');
  const dy = pass === 'step' ? await copied('dy') : [];

  const forward = forwardOf(library, of, view, names);
  const compiled = library.jit(
    pass === 'step' ? stepOf(library, forward, names) : (...given: Array[]) => [forward(given)],
  );
  const results = (copy: number): Array[] =>
    compiled(...[x[copy]!, ...parameters, ...dy.slice(copy, copy + 1)].map((array) => array.ref)) as Array[];
  let turn = 0;
  const call = async (): Promise<void> => {
    // Nothing runs until a result is asked for; to ask for its buffer also gives up the array.
    await Promise.all(results(turn++ % copies).map(async (array) => array.gpuBuffer()));
  };

  return {
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
      for (const array of [...x, ...dy, ...parameters]) array.dispose();
    },
  };
}

/** Takes arrays in the order of their names, and with them the only reference to each, as functions of jax-js do. */
type Forward = (given: Array[]) => Array;

function forwardOf({ nn, numpy: np }: Jax, { norm }: Case, { axes }: View, names: readonly InputName[]): Forward {
  const over = [...axes];
  const keepdims = { keepdims: true };
  const deviationOf = (variance: Array): Array => np.sqrt(variance.add(EPS));
  const standardize = (x: Array): Array => nn.standardize(x, over, { epsilon: EPS });
  return (given) => {
    const { x, weight, bias, runningMean, runningVar, style } = Object.fromEntries(
      names.map((name, index) => [name, given[index]!]),
    ) as Record<InputName, Array>;
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
        return standardize(x).mul(weight).add(bias);
    }
  };
}

/** Gives y and the gradients of x and what is trained; dy comes last. */
function stepOf({ vjp }: Jax, forward: Forward, names: readonly InputName[]): (...given: Array[]) => Array[] {
  const statistics = names.filter((name) => name.startsWith('running')).length;
  return (...given) => {
    const dy = given.pop()!;
    const constants = given.splice(given.length - statistics);
    const [y, pull] = vjp((...trained: Array[]) => forward([...trained, ...constants]), given);
    const gradients = pull(dy) as Array[];
    return [y, ...gradients];
  };
}
