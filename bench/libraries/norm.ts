import type { Gradient, Saved, Tensor } from '../../src/index.ts';
import { inputShapes, outputNames } from '../cases/case.ts';
import type { Case, InputName, OutputName, Pass } from '../cases/case.ts';
import type { Arrays, OwnDevice } from './device.ts';
import type { Library } from './library.ts';
import type { Calls } from './norm-calls.ts';
import { callsOf } from './norm-calls.ts';
import type { Recorded } from './recorded.ts';
import { ownLibrary, subjectOf } from './recorded.ts';

/** This library. */
export const norm: Library = ownLibrary('webgpu-norm', async (own, of, pass, data) =>
  subjectOf(own, of, data, (arrays) => {
    const calls = callsOf(of, arrays);
    if (pass === 'forward') return forward(calls, arrays);
    const gradients = gradientsOf(own, of, pass, arrays);
    return pass === 'backward' ? backward(calls, arrays, gradients) : step(calls, arrays, gradients);
  }),
);

function forward(calls: Calls, { x, y }: Arrays): Recorded {
  return {
    record: (encoder, copy) => calls.forward(x[copy]!, { encoder, out: y[copy]! }),
    call: (copy) => calls.forward(x[copy]!, { out: y[copy]! }),
    read: async () => ({ y: await y[0]!.read() }),
  };
}

function backward(calls: Calls, { x, y, dy }: Arrays, { out, read, destroy }: Gradients): Recorded {
  const saved = x.map((from, copy) => calls.save(from, { out: y[copy]! }));
  return {
    record: (encoder, copy) => void calls.backward(dy[copy]!, saved[copy]!, { encoder, out: out(copy) }),
    call: (copy) => void calls.backward(dy[copy]!, saved[copy]!, { out: out(copy) }),
    read,
    destroy: () => {
      destroy();
      for (const each of saved) each.destroy();
    },
  };
}

function step(calls: Calls, { x, y, dy }: Arrays, { out, read, destroy }: Gradients): Recorded {
  let recorded: Saved[] = [];
  return {
    record: (encoder, copy) => {
      const saved = calls.save(x[copy]!, { encoder, out: y[copy]! });
      calls.backward(dy[copy]!, saved, { encoder, out: out(copy) });
      recorded.push(saved);
    },
    call: (copy) => {
      const saved = calls.save(x[copy]!, { out: y[copy]! });
      calls.backward(dy[copy]!, saved, { out: out(copy) });
      saved.destroy();
    },
    read: async () => ({ y: await y[0]!.read(), ...(await read()) }),
    tidy: () => {
      for (const saved of recorded) saved.destroy();
      recorded = [];
    },
    destroy,
  };
}

/** Tensors that take the gradients: dx in as many copies as x, for the others one is enough. */
interface Gradients {
  out(copy: number): Partial<Record<Gradient, Tensor>>;
  read: Recorded['read'];
  destroy(): void;
}

function gradientsOf({ context }: OwnDevice, of: Case, pass: Pass, { x }: Arrays): Gradients {
  const shapes = inputShapes(of);
  const names = outputNames(of, pass).filter((name) => name !== 'y' && name !== 'dx') as Gradient[];
  const rest = names.map((name) => [name, context.empty(shapes[name.slice(1) as InputName]!)] as const);
  const dx = x.map(() => context.empty(of.shape));
  const copies = dx.map((tensor) => ({ dx: tensor, ...Object.fromEntries(rest) }));
  return {
    out: (copy) => copies[copy]!,
    read: async () => {
      const read = Object.entries(copies[0]!).map(async ([name, tensor]) => [name, await tensor.read()] as const);
      return Object.fromEntries(await Promise.all(read)) as Partial<Record<OutputName, Float32Array>>;
    },
    destroy: () => {
      for (const tensor of [...dx, ...rest.map(([, tensor]) => tensor)]) tensor.destroy();
    },
  };
}
