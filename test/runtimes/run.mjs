import * as norm from '../../dist/index.js';
import * as reference from '../../dist/reference.js';

/** Calls of the built package, in f32, in Deno or in Bun. Prints the errors as JSON. */

const CALLS = [
  { op: 'layerNorm', shape: [7, 515], options: {} },
  { op: 'layerNorm', shape: [3, 4, 36], options: { axes: [1, 2] } },
  { op: 'rmsNorm', shape: [5, 768], options: {} },
  { op: 'batchNorm', shape: [6, 8, 10, 10], options: { training: true } },
  { op: 'batchNorm', shape: [6, 10, 10, 8], options: { training: true, layout: 'NHWC' } },
  { op: 'instanceNorm', shape: [2, 3, 150, 150], options: {} },
  { op: 'groupNorm', shape: [2, 20, 20, 8], options: { numGroups: 2, layout: 'NHWC' } },
  { op: 'normalize', shape: [3, 4, 5, 6], options: { axes: [0, 2], statistic: 'l2' } },
  { op: 'normalize', shape: [3, 4, 5, 6], options: { axes: [1, 3], statistic: 'l1' } },
  { op: 'normalize', shape: [1, 100_003], options: { axes: [1], statistic: 'sum' } },
];

/** A device as it comes: bun-webgpu refuses some limits that `createContext` asks for. */
async function deviceOfBun() {
  await (await import('bun-webgpu')).setupGlobals();
  const adapter = await navigator.gpu.requestAdapter();
  return adapter.requestDevice();
}

const device = 'Bun' in globalThis ? await deviceOfBun() : undefined;
const software = await norm.createContext({ device, profile: { software: true, parallel: 64 } });
const hardware = await norm.createContext({
  device: software.device,
  profile: { software: false, parallel: 1 << 16, maxWorkgroup: 64 },
});
const results = [];
for (const [plans, context] of Object.entries({ software, hardware })) {
  for (const { op, shape, options } of CALLS) {
    const size = shape.reduce((product, length) => product * length, 1);
    const data = Float32Array.from({ length: size }, (_, index) => 100 + Math.sin(index * index));
    const y = await norm[op](context.tensor(data, shape), options).read();
    const exact = reference[op]({ data, shape }, options).y.data;
    const largest = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const error = exact.reduce((most, value, index) => Math.max(most, Math.abs(value - y[index])), 0) / largest;
    results.push({ call: JSON.stringify({ plans, op, shape, options }), error });

    const dy = Float32Array.from(data, (_, index) => Math.cos(3 * index));
    const { saved } = norm[`${op}Forward`](context.tensor(data, shape), options);
    const dx = await norm[`${op}Backward`](context.tensor(dy, shape), saved).dx.read();
    const exactDx = reference[`${op}Backward`]({ data: dy, shape }, { data, shape }, options).dx.data;
    const { rstd } = reference[op]({ data, shape }, options);
    const largestRstd = rstd.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const wrong = exactDx.reduce((most, value, index) => Math.max(most, Math.abs(value - dx[index])), 0) / largestRstd;
    results.push({ call: JSON.stringify({ plans, gradient: op, shape, options }), error: wrong });
  }
}
console.log(JSON.stringify(results));
process.exit(0);
