import { describe, expect, it } from 'vitest';
import { createContext, groupNorm, layerNorm, normalize } from '../../../src/index.ts';
import type { NormError } from '../../../src/index.ts';
import { createOnnxContext } from '../../../src/onnx/index.ts';
import { encodeNode } from '../support/onnx-model.ts';
import { BUILDS, openSession } from '../support/onnx-runtime.ts';
import { Random } from '../../gpu/support/random.ts';
import { seed } from '../../gpu/support/seed.ts';
import { askedOf } from '../support/spy.ts';

const SHAPE = [16, 96];
const random = new Random(seed);
const draw = (): Float32Array<ArrayBuffer> => random.normals(16 * 96, 0.5);
const scale = random.normals(96, 1);

/** Models of one node: exact in float32, so that what is between them is compared to the bit. */
const model = (opType: string, shape = SHAPE): Uint8Array =>
  encodeNode({ opType, opset: 21, inputs: { x: shape, one: [1] }, outputs: { y: shape } });

describe.each(['native', 'jsep'] as const)('between two sessions, %s', async (build) => {
  const runtime = await BUILDS[build]();
  const first = await openSession(runtime, model('Add'));
  const second = await openSession(runtime, model('Mul'));
  const onnx = await createOnnxContext(runtime);
  const own = await createContext();
  const one = new runtime.Tensor('float32', Float32Array.of(1), [1]);
  const two = new runtime.Tensor('float32', Float32Array.of(2), [1]);
  const weight = onnx.upload(new runtime.Tensor('float32', scale, [96]));
  const feed = (data: Float32Array<ArrayBuffer>) => ({ x: new runtime.Tensor('float32', data, SHAPE), one });
  const double = (data: Float32Array): Float32Array => data.map((value) => value * 2);
  /** Our own result on our own device. */
  const expectedOf = async (data: Float32Array): Promise<Float32Array> => {
    const x = own.tensor(
      data.map((value) => value + 1),
      SHAPE,
    );
    return double(await layerNorm(x, { weight: own.tensor(scale, [96]) }).read());
  };

  it('is on its device', async () => {
    expect(onnx.context.device).toBe(await runtime.env.webgpu.device);
  });

  it('gives our own bits, and nothing goes by way of the CPU', async () => {
    const data = draw();
    const step = async () => {
      const { y: hidden } = await first.run(feed(data));
      expect(hidden!.location).toBe('gpu-buffer');
      const between = await askedOf(() => onnx.call(layerNorm, hidden!, { weight }));
      const normalized = between.result;
      const after = await askedOf(() => second.run({ x: normalized, one: two }));
      return { between, after, y: after.result['y']!, tensors: [hidden!, normalized] };
    };
    const cold = await step(); // What is new is compiled, and uniforms are written once.
    const { between, after, y, tensors } = await step();
    const expected = await askedOf(() => layerNorm(own.empty(SHAPE), { weight: own.empty([96]) }));
    expect(between.dispatches).toBe(expected.dispatches);
    expect(between).toMatchObject({ dispatches: 1, submits: 1, maps: 0, written: 0, copied: 0 });
    // ONNX Runtime writes its uniforms, and the one number that is on the CPU.
    expect(after.maps).toBe(0);
    expect(after.written + after.copied).toBeLessThan(4 * 16 * 96);
    expect(await y.getData()).toEqual(await expectedOf(data));
    for (const tensor of [...tensors, y, ...cold.tensors, cold.y]) tensor.dispose();
  });

  it('is in the order of the queue, without waiting', async () => {
    const inputs = Array.from({ length: 20 }, draw);
    const results = [];
    for (const data of inputs) {
      const { y: hidden } = await first.run(feed(data));
      const { Y } = onnx.runNode({ opType: 'LayerNormalization' }, [hidden!, weight]);
      hidden!.dispose();
      const { y } = await second.run({ x: Y, one: two });
      Y.dispose();
      results.push(y!);
    }
    for (const [index, y] of results.entries()) {
      expect(await y.getData(), String(index)).toEqual(await expectedOf(inputs[index]!));
      y.dispose();
    }
  });

  it('takes no more memory with every step', async () => {
    const inUse = async (): Promise<number> => {
      const { y: hidden } = await first.run(feed(draw()));
      const y = onnx.call(layerNorm, hidden!, { weight });
      (await second.run({ x: y, one: two }))['y']!.dispose();
      for (const tensor of [hidden!, y]) tensor.dispose();
      const { kinds, idle } = onnx.context.memory();
      return kinds.tensors.inUse + idle;
    };
    const before = await inUse();
    for (let step = 0; step < 100; step++) expect(await inUse()).toBeLessThanOrEqual(before);
  });

  it('takes a result that was read, which is on the GPU all the same, until it is disposed of', async () => {
    const x = onnx.upload(new runtime.Tensor('float32', draw(), SHAPE));
    const once = onnx.call(layerNorm, x, { weight });
    const twice = await onnx.call(layerNorm, once).getData();
    await once.getData();
    expect(once.location).toBe('cpu');
    expect(await onnx.call(layerNorm, once).getData()).toEqual(twice);
    once.dispose();
    expect(() => onnx.call(layerNorm, once)).toThrow(expect.objectContaining({ code: 'destroyed' }));
    const freed = onnx.call(layerNorm, x);
    await freed.getData(true);
    expect(() => onnx.call(layerNorm, freed)).toThrow(expect.objectContaining({ code: 'device' }));
    x.dispose();
  });

  it('takes shapes whose bytes are no multiple of 16', async () => {
    const shape = [1, 3, 5, 1];
    const data = random.normals(15);
    const odd = await openSession(runtime, model('Mul', shape));
    const x = onnx.upload(new runtime.Tensor('float32', data, shape));
    const y = onnx.call(groupNorm, x, { numGroups: 3 });
    const result = await (await odd.run({ x: y, one: two }))['y']!.getData();
    expect(result).toEqual(double(await groupNorm(own.tensor(data, shape), { numGroups: 3 }).read()));
    await odd.release();
  });

  it('gives empty tensors where ONNX Runtime does', async () => {
    const empty = await openSession(runtime, model('Mul', [0, 96]));
    const { y } = await empty.run({ x: new runtime.Tensor('float32', new Float32Array(), [0, 96]), one });
    const { Y } = onnx.runNode({ opType: 'LayerNormalization' }, [y!, weight]);
    expect([Y.location, Y.dims, Y.size]).toEqual([y!.location, [0, 96], 0]);
    expect((await empty.run({ x: Y, one }))['y']!.dims).toEqual([0, 96]);
    await empty.release();
  });

  it('leaves the sessions and their device to live on', async () => {
    const data = draw();
    const { y } = await first.run(feed(data));
    onnx.destroy();
    expect(() => onnx.call(layerNorm, y!, { weight })).toThrow(/the context was destroyed/);
    const { y: z } = await second.run({ x: y!, one: two });
    expect(await z!.getData()).toEqual(data.map((value) => Math.fround(value + 1) * 2));
    await Promise.all([first.release(), second.release()]);
  });
});

describe('a session with a device of its own', async () => {
  const runtime = await BUILDS.native();
  const device = await (await navigator.gpu.requestAdapter())!.requestDevice();
  const session = await openSession(runtime, model('Add'), { name: 'webgpu', device });
  const one = new runtime.Tensor('float32', Float32Array.of(1), [1]);
  const data = draw();
  const y = async () => (await session.run({ x: new runtime.Tensor('float32', data, SHAPE), one }))['y']!;

  it('is met on that', async () => {
    const onnx = await createOnnxContext(runtime, { device });
    const { output } = onnx.runNode({ opType: 'LpNormalization' }, [await y()]);
    const own = await createContext();
    const x = own.tensor(
      data.map((value) => value + 1),
      SHAPE,
    );
    expect(await output.getData()).toEqual(await normalize(x, { axes: -1, statistic: 'l2', eps: 0 }).read());
    onnx.destroy();
  });

  it('is told of where it is met on another', async () => {
    const errors: NormError[] = [];
    const other = await (await navigator.gpu.requestAdapter())!.requestDevice();
    const onnx = await createOnnxContext(runtime, { device: other, onError: (error) => errors.push(error) });
    const { output } = onnx.runNode({ opType: 'LpNormalization' }, [await y()]);
    await expect(output.getData()).rejects.toMatchObject({ name: 'NormError', code: 'device' });
    expect(errors.map(({ code }) => code)).toEqual(['device']);
    onnx.destroy();
    await session.release();
  });
});
