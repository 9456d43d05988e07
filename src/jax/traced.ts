import { Array as JaxArray, numpy, valueAndGrad } from '@jax-js/jax';
import { NormError } from '../errors.ts';

/**
 * A gradient of our own for an operation of our own: what `jax.custom_vjp` is in JAX, and jax-js has not.
 *
 * jax-js differentiates by tracing: a value is a tracer of a level, with a primal and a tangent; of what is linear in tangents it keeps equations, and
 * pulls gradients back through them, each by the rule of its primitive. Here the equation of an operation is a gather of the tangent by an index
 * that is a tracer of ours: the rule of a gather is to scatter the gradient of the result by that index, and an operation on a tracer of ours is
 * for us to do. The level of ours lies between that of arrays, 0, and those of all traces, from 1 on: traces take it for a constant, and arrays
 * leave the operation to it.
 */

/** The class of all traced values. */
const Tracer = Object.getPrototypeOf(JaxArray) as typeof TracerType;

declare abstract class TracerType {
  constructor(trace: Trace);
  readonly _trace: Trace;
  abstract get aval(): JaxArray['aval'];
  abstract get ref(): this;
  abstract dispose(): void;
  abstract toString(): string;
  reshape(shape: number[]): this;
  slice(...index: readonly unknown[]): this;
  add(other: this): this;
  fullLower(): TracerType;
}

interface Trace {
  main: { level: number; traceType: new (main: Trace['main']) => Trace; globalData: null };
  pure(value: unknown): unknown;
  lift(value: unknown): unknown;
  processPrimitive(primitive: string, tracers: readonly TracerType[], parameters: { shape?: number[] }): TracerType[];
}

/** A value that is being differentiated. */
interface Differentiated extends TracerType {
  readonly primal: TracerType;
  readonly tangent: TracerType;
  readonly constructor: new (trace: Trace, primal: TracerType, tangent: TracerType) => Differentiated;
}

/** A value of a call: the array that it is, and what traces it. */
export interface Value {
  array: JaxArray;
  differentiated: Differentiated | null;
}

/** A vector-Jacobian product: pulls a gradient of the result back to one of the operands, a gradient of its shape. It takes neither for itself. */
export type Vjp = (dy: JaxArray) => JaxArray;

/** Whether it is an array, or a traced value. */
export function isTracer(value: unknown): value is JaxArray {
  return value instanceof Tracer;
}

/**
 * The array behind a value that may be traced by `grad`, `valueAndGrad` or `vjp`.
 *
 * @throws NormError `unsupported` where there is none yet, or a gradient of a gradient is asked for.
 */
export function valueOf(op: string, name: string, given: JaxArray): Value {
  let differentiated: Differentiated | null = null;
  let tracer = given as unknown as TracerType;
  while (!(tracer instanceof JaxArray)) {
    if (isDifferentiated(tracer)) {
      if (differentiated) throw gradientOfGradient(op);
      differentiated = tracer;
      tracer = tracer.primal;
    } else {
      const { val } = (tracer as { pval?: { val?: TracerType } }).pval ?? {};
      if (!(val instanceof Tracer)) {
        throw new NormError(
          'unsupported',
          `${op}: ${name} is traced by jit, vmap or makeJaxpr, whose kernels are jax-js's own; call ${op} outside of them, on all of a batch at ` +
            'once, and compile what comes before and after by jit',
        );
      }
      tracer = val;
    }
  }
  return { array: tracer, differentiated };
}

/**
 * The trace that differentiates values of a call.
 *
 * @throws NormError `unsupported` where there are several.
 */
export function differentiationOf(op: string, values: readonly Value[]): Differentiated | null {
  const traced = values.flatMap(({ differentiated }) => differentiated ?? []);
  if (traced.some(({ _trace }) => _trace.main !== traced[0]!._trace.main)) throw gradientOfGradient(op);
  return traced[0] ?? null;
}

/** Whether a gradient with respect to a value will be asked for. */
export function isTrained({ differentiated }: Value): boolean {
  return differentiated !== null && !(differentiated.tangent instanceof JaxArray);
}

/**
 * The result of an operation as a traced value, whose gradient is pulled back to some of the operands; `release` is called once nobody will ask for it.
 */
export function differentiable(
  op: string,
  y: JaxArray,
  differentiation: Differentiated,
  vjps: readonly { value: Value; vjp: Vjp }[],
  release: () => void,
): JaxArray {
  let left = vjps.length;
  const end = (): void => {
    if (--left === 0) release();
  };
  const tangents = vjps.map(({ value, vjp }) => {
    const index = new Index(op, y, vjp, end);
    return value.differentiated!.tangent.ref.reshape([-1]).slice(index);
  });
  return tracedBy(
    differentiation,
    y,
    tangents.reduce((sum, tangent) => sum.add(tangent)),
  );
}

/**
 * The result of an operation on values whose tangents are known: under `grad` they are zeros, as those of what went through `stopGradient`, and so is
 * that of the result. Under `jvp` they may be others; the tangent of the result would take a derivative that there is none of: it is NaN. Nothing of
 * this is computed unless somebody asks for it.
 */
export function constant(y: JaxArray, differentiation: Differentiated, values: readonly Value[]): JaxArray {
  const tangents = values.map(({ differentiated }) => {
    const changes = (differentiated!.tangent as unknown as JaxArray).ref.notEqual(0).any();
    return numpy.where(changes, NaN, numpy.zeros(y.shape, { dtype: y.dtype })) as unknown as TracerType;
  });
  return tracedBy(
    differentiation,
    y,
    tangents.reduce((sum, tangent) => sum.add(tangent)),
  );
}

function tracedBy(differentiation: Differentiated, y: JaxArray, tangent: TracerType): JaxArray {
  const { constructor: Traced, _trace } = differentiation;
  return new Traced(_trace, y as unknown as TracerType, tangent) as unknown as JaxArray;
}

function isDifferentiated(tracer: TracerType): tracer is Differentiated {
  const { primal, tangent } = tracer as Partial<Differentiated>;
  return primal instanceof Tracer && tangent instanceof Tracer;
}

function gradientOfGradient(op: string): NormError {
  return new NormError(
    'unsupported',
    `${op}: a gradient of its gradient is asked for, and there is none; take that of the formula in operations of jax-js`,
  );
}

/** The index of a gather that is an operation of ours. */
class Index extends Tracer {
  readonly aval: JaxArray['aval'];
  readonly op: string;
  readonly vjp: Vjp;
  readonly #end: () => void;
  #references = 1;

  constructor(op: string, y: JaxArray, vjp: Vjp, end: () => void) {
    super(new IndexTrace(IndexTrace.main));
    const like = numpy.zeros(y.shape, { dtype: numpy.int32 });
    this.aval = like.aval;
    like.dispose();
    this.op = op;
    this.vjp = vjp;
    this.#end = end;
  }

  override get ref(): this {
    this.#references++;
    return this;
  }

  override dispose(): void {
    if (--this.#references === 0) this.#end();
  }

  override toString(): string {
    return this.op;
  }
}

/** Does what is to be done with an {@link Index}: scatters by it. */
class IndexTrace implements Trace {
  static readonly main: Trace['main'] = { level: 0.5, traceType: IndexTrace, globalData: null };
  readonly main: Trace['main'];

  constructor(main: Trace['main']) {
    this.main = main;
  }

  pure(value: unknown): unknown {
    return value;
  }

  lift(value: unknown): unknown {
    return value;
  }

  processPrimitive(primitive: string, tracers: readonly TracerType[], { shape }: { shape?: number[] }): TracerType[] {
    const index = tracers.find((tracer) => tracer instanceof Index)!;
    const [dy] = tracers;
    const scatters = primitive === 'scatter' && tracers.length === 2 && shape?.length === 1 && dy instanceof JaxArray;
    if (!scatters || dy.shape.join() !== index.aval.shape.join()) {
      throw new NormError(
        'unsupported',
        `${index.op}: its derivative is asked for in another way than by grad, valueAndGrad or vjp: by linearize, by vmap over a gradient, or by a ` +
          'gradient of its gradient; take that of the formula in operations of jax-js',
      );
    }
    const gradient = index.vjp(dy).reshape(shape);
    dy.dispose();
    index.dispose();
    return [gradient as unknown as TracerType];
  }
}

/**
 * Differentiates an operation whose gradient is known to be another than its derivative, on the CPU.
 *
 * @throws Error unless jax-js traces as is told above.
 */
export function checkGradients(): void {
  let released = 0;
  const double = (x: JaxArray): JaxArray => {
    const value = valueOf('double', 'x', x);
    const y = value.array.ref.mul(2);
    const vjps = [{ value, vjp: (dy: JaxArray): JaxArray => dy.ref.mul(5) }];
    const result = differentiable('double', y, differentiationOf('double', [value])!, vjps, () => released++);
    x.dispose();
    return result;
  };
  const array = (...numbers: number[]): JaxArray => numpy.array(numbers, { device: 'cpu' });
  const [value, dx] = valueAndGrad((x: JaxArray) => double(x).mul(array(3, 4)).sum())(array(1, 2));
  const found = `the gradient of ${value.js()} is ${dx.js()}, released ${released} times`;
  if (found !== 'the gradient of 22 is 15,20, released 1 times') throw new Error(found);
}
