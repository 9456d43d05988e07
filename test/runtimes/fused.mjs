import * as norm from '../../dist/index.js';
import * as reference from '../../dist/reference.js';
import { decode, encode, roundTo, ulpOf } from '../gpu/support/formats.ts';
import { isInRound } from '../setup/rounds.mjs';
import { CALLS } from './fused-calls.mjs';

/**
 * The same for fused calls and halves. Prints as JSON what every result is off, in units of its last place, the pieces of shader
 * that were needed, and whether halves were stored one by one.
 */

const sizeOf = (shape) => shape.reduce((product, length) => product * length, 1);
const TENSORS = [
  'weight',
  'bias',
  'residual',
  'gate',
  'inputBias',
  'scale',
  'shift',
  'by',
  'add',
  'cos',
  'sin',
  'mask',
  'running',
  'dresidualOut',
];
/** Stored as x is, whatever its parameters are stored as. */
const LIKE_X = ['x', 'dy', 'residual', 'dresidualOut'];
/** What sums and roundings in f32 may cost, relative to the largest numbers on the way. */
const ON_THE_WAY = 128 * 2 ** -24;

/** The options of a call: its numbers, and its arrays by name, of which some are parts of options. */
function optionsWith(options, { scale, shift, by, cos, sin, ...arrays }) {
  return {
    ...options,
    ...arrays,
    ...((scale || shift) && { modulation: { scale, shift } }),
    ...(by && { multiply: { ...options.multiply, by } }),
    ...(cos && { rotary: { ...options.rotary, cos, sin } }),
  };
}

/** Numbers about as large as normal ones, the same every time. */
const wave = (shape, seed) =>
  Float64Array.from({ length: sizeOf(shape) }, (_, index) => 1.5 * Math.sin((index + 1) * (index + 7 * seed)));

/** The arrays of a call as the reference takes them, rounded to what they are stored as. */
function arraysOf(call) {
  const arrays = {};
  const formats = {};
  const names = ['x', 'dy', ...TENSORS.filter((name) => call[name])];
  for (const [seed, name] of names.entries()) {
    formats[name] = LIKE_X.includes(name) || (call.like && name !== 'mask') ? call.dtype : 'f32';
    const shape = call[name] ?? call.shape;
    const numbers = wave(shape, seed + 1);
    const data = numbers.map((value) => (name === 'mask' ? Number(value > -0.5) : roundTo(formats[name], value)));
    arrays[name] = { data, shape };
  }
  if (arrays.running) {
    const { data, shape } = arrays.running;
    arrays.runningMean = arrays.running;
    arrays.runningVar = { data: data.map((value) => roundTo(formats.running, 1 + value * value)), shape };
    formats.runningMean = formats.runningVar = formats.running;
    delete arrays.running;
  }
  return { arrays, formats };
}

async function numbersOf(tensor) {
  if (tensor.dtype === 'f32') return tensor.read();
  const bits = await tensor.read(tensor.dtype);
  return decode(tensor.dtype, new Uint16Array(bits.buffer, bits.byteOffset, bits.length));
}

async function unitsOff(tensor, exact, magnitude) {
  const actual = await numbersOf(tensor);
  let worst = actual.length === exact.length ? 0 : Infinity;
  exact.forEach((value, index) => {
    const [a, e] = [actual[index], roundTo(tensor.dtype, value)];
    const off = a === e ? 0 : (Math.abs(a - e) - ON_THE_WAY * magnitude) / ulpOf(tensor.dtype, e);
    if (!(off <= worst)) worst = Number.isNaN(off) ? Infinity : off;
  });
  return worst;
}

async function check(context, call) {
  const { arrays, formats } = arraysOf(call);
  const place = ({ data, shape }, format) =>
    context.tensor(format === 'f32' ? Float32Array.from(data) : encode(format, data), shape, { dtype: format });
  const tensors = Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [name, place(array, formats[name])]),
  );
  const { x, dy, dresidualOut, ...parameters } = tensors;
  const { y, saved, residualOut } = norm[`${call.op}Forward`](x, optionsWith(call.options, parameters));
  const held = {};
  const accumulate = {};
  for (const name of call.accumulates ? ['dx', 'dweight', 'dbias'] : []) {
    const of = name === 'dx' ? 'x' : name.slice(1);
    if (!arrays[of]) continue;
    held[name] = arrays[of].data;
    accumulate[name] = place(arrays[of], formats[of]);
  }
  const gradients = norm[`${call.op}Backward`](dy, saved, { ...(dresidualOut && { dresidualOut }), accumulate });

  const { x: input, dy: dyNumbers, dresidualOut: dresidualOutNumbers, ...others } = arrays;
  const options = optionsWith(call.options, others);
  const errors = {};
  let normalized = input;
  if (residualOut) {
    const exact = reference[call.op](input, options).residualOut.data;
    errors.residualOut = await unitsOff(residualOut, exact, 4);
    // What is normalized is residualOut as it was stored.
    const stored = await numbersOf(residualOut);
    normalized = { ...input, data: input.data.map((value, index) => value + stored[index] - exact[index]) };
  }
  const exact = reference[call.op](normalized, options);
  errors.y = await unitsOff(y, exact.y.data, 8);
  for (const name of ['runningMean', 'runningVar'])
    if (arrays[name]) errors[name] = await unitsOff(tensors[name], exact[name].data, 8);
  const exactGradients = reference[`${call.op}Backward`](dyNumbers, normalized, {
    ...options,
    dresidualOut: dresidualOutNumbers,
  });
  for (const [name, tensor] of Object.entries(gradients)) {
    const sums = exactGradients[name].data.map((value, index) => value + (held[name]?.[index] ?? 0));
    // dgate is made of the gradient of residualOut as that was stored.
    const stored = name === 'dgate' ? ulpOf(call.dtype, 0.5) / ON_THE_WAY : 0;
    const terms = input.data.length / tensor.size;
    errors[name] = await unitsOff(tensor, sums, 8 * (1 + stored) * terms ** 0.75);
  }
  return errors;
}

/** The pieces of shader of all passes that a call and its gradient take. */
function piecesOf(context, call, pieces) {
  const { arrays, formats } = arraysOf(call);
  const plans = context.explain(() => {
    const { x, dy, dresidualOut, ...parameters } = Object.fromEntries(
      Object.entries(arrays).map(([name, { shape }]) => [name, context.empty(shape, { dtype: formats[name] })]),
    );
    const { saved } = norm[`${call.op}Forward`](x, optionsWith(call.options, parameters));
    const accumulated = call.accumulates ? { dx: x, dweight: parameters.weight } : {};
    const accumulate = Object.fromEntries(
      Object.entries(accumulated).map(([name, { shape, dtype }]) => [name, context.empty(shape, { dtype })]),
    );
    norm[`${call.op}Backward`](dy, saved, { ...(dresidualOut && { dresidualOut }), accumulate });
  });
  for (const pass of plans.flatMap((plan) => plan.passes)) {
    const { kernel, choose, constants, rounding, bindings } = pass;
    pieces.add(`kernels/${kernel}`);
    for (const [folder, file] of Object.entries(choose)) pieces.add(`${folder}/${file}`);
    for (const [name, value] of Object.entries(constants)) if (value === true) pieces.add(`${kernel}/${name}`);
    if (constants.ROUND_SUM || constants.ROUND_X_HAT) pieces.add(`rounding/${rounding}`);
    pieces.add(`${kernel}/${bindings.map(({ name }) => name).join()}`);
    for (const { name, access, dtype, native } of bindings) {
      pieces.add(`${access}/${name}`);
      pieces.add(native ? 'native f16' : `storage/${dtype ?? 'f32'}`);
    }
  }
}

const software = await norm.createContext({ profile: { software: true, parallel: 64 } });
const { device } = software;
const hardware = await norm.createContext({
  device,
  profile: { software: false, parallel: 1 << 16, maxWorkgroup: 64 },
});
// As few arrays a pass as there may be; and no half is stored alone.
const poor = await norm.createContext({ device, profile: { software: true, parallel: 64, maxArrays: 8, f16: false } });
/** Of the plans of a CPU and those of a GPU a round runs one; all of them say what they take. */
const isRun = isInRound(process.env.ROUND, 2);
const results = [];
const pieces = new Set();
for (const [plans, context] of Object.entries({ software, hardware, poor })) {
  for (const call of plans === 'poor' ? CALLS.filter(({ residual }) => residual) : CALLS) {
    piecesOf(context, call, pieces);
    if (!isRun(plans === 'hardware' ? 1 : 0)) continue;
    const errors = await check(context, call);
    results.push({ call: JSON.stringify({ plans, ...call }), errors });
  }
}
console.log(JSON.stringify({ results, pieces: [...pieces], native: device.features.has('shader-f16') }));
process.exit(0);
