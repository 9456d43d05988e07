import { createContext, layerNorm } from 'webgpu-norm';
import { LayerNorm } from 'webgpu-norm/layers';
import { layerNorm as reference } from 'webgpu-norm/reference';

/** Normalizes with the installed package and prints the largest difference from its reference. */

const context = await createContext();
const data = Float32Array.from({ length: 12 * 100 }, (_, index) => Math.sin(index) + 10);
const y = await layerNorm(context.tensor(data, [12, 100])).read();
const layer = await new LayerNorm(context, 100).forward(context.tensor(data, [12, 100])).read();
if (!layer.every((value, index) => value === y[index])) throw new Error('the layer and the function differ');
const exact = reference({ data, shape: [12, 100] }).y.data;
console.log(Math.max(...exact.map((value, index) => Math.abs(value - y[index]))));
process.exit();
