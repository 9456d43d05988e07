import * as norm from '../../dist/index.js';
import * as reference from '../../dist/reference.js';

/** Runs the built package in Deno, whose WebGPU is wgpu: another compiler (Naga) reads our WGSL. Prints the errors as JSON. */

const CALLS = [
  ['layerNorm', [7, 515], {}],
  ['layerNorm', [3, 4, 36], { axes: [1, 2] }],
  ['rmsNorm', [5, 768], {}],
  ['batchNorm', [6, 8, 10, 10], { training: true }],
  ['batchNorm', [6, 10, 10, 8], { training: true, layout: 'NHWC' }],
  ['instanceNorm', [2, 3, 150, 150], {}],
  ['groupNorm', [2, 20, 20, 8], { numGroups: 2, layout: 'NHWC' }],
  ['normalize', [3, 4, 5, 6], { axes: [0, 2], statistic: 'l2' }],
  ['normalize', [3, 4, 5, 6], { axes: [1, 3], statistic: 'l1' }],
  ['normalize', [1, 100_003], { axes: [1], statistic: 'sum' }],
];

const software = await norm.createContext({ profile: { software: true, parallel: 64 } });
const hardware = await norm.createContext({ device: software.device, profile: { software: false, parallel: 1 << 16 } });
const results = [];
for (const [plans, context] of Object.entries({ software, hardware })) {
  for (const [op, shape, options] of CALLS) {
    const size = shape.reduce((product, length) => product * length, 1);
    const data = Float32Array.from({ length: size }, (_, index) => 100 + Math.sin(index * index));
    const y = await norm[op](context.tensor(data, shape), options).read();
    const exact = reference[op]({ data, shape }, options).y.data;
    const largest = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const error = exact.reduce((most, value, index) => Math.max(most, Math.abs(value - y[index])), 0) / largest;
    results.push({ call: JSON.stringify({ plans, op, shape, options }), error });
  }
}
console.log(JSON.stringify(results));
globalThis.Deno.exit(0);
