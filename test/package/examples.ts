import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The examples of doc comments, as one file that a compiler reads. */

/** A doc comment and the first line after it. */
interface Documented {
  file: string;
  comment: string;
  line: string;
}

/** What examples take for granted. */
const GIVEN = `
import type * as norm from 'webgpu-norm';
import type { Layer } from 'webgpu-norm/layers';
declare const device: GPUDevice;
declare const context: norm.Context;
declare const buffer: GPUBuffer;
declare const encoder: GPUCommandEncoder;
declare const x: norm.Tensor, y: norm.Tensor, dy: norm.Tensor, content: norm.Tensor, style: norm.Tensor;
declare const weight: norm.Tensor, bias: norm.Tensor, runningMean: norm.Tensor, runningVar: norm.Tensor;
declare const residual: norm.Tensor, hidden: norm.Tensor, alpha: norm.Tensor, inputShift: norm.Tensor, scales: norm.Tensor;
declare const segments: norm.Tensor, nodes: norm.Tensor, packed: norm.Tensor, picture: norm.Tensor;
declare const qkv: norm.Tensor & GPUBuffer;
declare const tokens: number, heads: number, N: number, C: number, H: number, W: number;
declare const others: norm.GradientSums[] & norm.Moments[];
declare const saved: norm.Saved;
declare const sums: norm.GradientSums;
declare const received: norm.PackedData;
declare const layer: Layer;
declare const bytes: ArrayBuffer;
declare const url: string;
declare const image: HTMLImageElement, video: HTMLVideoElement, texture: GPUTexture;
`;

/** What those of the reference do. */
const GIVEN_ARRAYS = `
import type { Moments, NdArray } from 'webgpu-norm/reference';
declare const data: Float32Array;
declare const x: NdArray, dy: NdArray, content: NdArray, style: NdArray, weight: NdArray, bias: NdArray;
declare const first: NdArray, second: NdArray, alpha: NdArray, inputShift: NdArray, y: NdArray, scales: NdArray;
declare const whole: Moments;
`;

/** What those of the bridge to ONNX Runtime do. */
const GIVEN_ONNX = `
import * as ort from 'onnxruntime-web';
import type { OnnxContext } from 'webgpu-norm/onnx';
declare const onnx: OnnxContext;
declare const session: ort.InferenceSession;
declare const hidden: ort.Tensor, residual: ort.Tensor, skip: ort.Tensor, scale: ort.Tensor, weight: ort.Tensor, bias: ort.Tensor;
declare const y: import('webgpu-norm').Tensor;
`;

/** What those of training on several devices do. */
const GIVEN_SYNC = `
import type { Saved, Tensor } from 'webgpu-norm';
import type { Layer } from 'webgpu-norm/layers';
import type { Channel, ComlinkModule, Group, RelayServer, RemoteRelay, TrysteroRoom } from 'webgpu-norm/sync';
declare const x: Tensor, dy: Tensor, weight: Tensor, bias: Tensor, runningMean: Tensor, runningVar: Tensor;
declare const dweight: Tensor, dbias: Tensor, saved: Saved, layer: Layer;
declare const channel: Channel, group: Group, Comlink: ComlinkModule, remote: RemoteRelay;
declare function joinRoom(config: { appId: string; relayConfig: { urls: string[] } }, room: string): TrysteroRoom;
declare const selfId: string, WebSocketServer: new (options: { port: number }) => RelayServer;
`;

/** What those of the bridge to TensorFlow.js do. */
const GIVEN_TFJS = `
import * as tf from './tensorflow.js';
declare const x: tf.Tensor, content: tf.Tensor, style: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor, residual: tf.Tensor;
declare const runningMean: tf.Variable, runningVar: tf.Variable, model: tf.Sequential;
`;

/** What those of the bridge to jax-js do. */
const GIVEN_JAX = `
import * as jax from '@jax-js/jax';
declare const x: jax.Array, content: jax.Array, style: jax.Array, weight: jax.Array, bias: jax.Array, residual: jax.Array;
declare const runningMean: jax.Array, runningVar: jax.Array;
`;

/** What those of a folder of src, and of its page in docs, take for granted. */
export const GIVEN_IN = {
  reference: GIVEN_ARRAYS,
  onnx: GIVEN_ONNX,
  sync: GIVEN_SYNC,
  tfjs: GIVEN_TFJS,
  jax: GIVEN_JAX,
  others: GIVEN,
};

/** Every doc comment of the sources. */
export function documentedIn(folder: string): Documented[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    return Array.from(text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(.*)/g), ([, comment, line]) => ({
      file,
      comment: comment!,
      line: line!,
    }));
  });
}

/** The code of an example, or nothing. */
export function exampleOf({ comment }: Documented): string | undefined {
  const found = /@example\s([\s\S]*?)(?=\n\s*\* @|$)/.exec(comment)?.[1];
  return found?.replaceAll(/^\s*\* ?/gm, '').trim();
}

/** Whose examples those of a file are. */
export const folderOf = ({ file }: Documented): keyof typeof GIVEN_IN =>
  (['reference', 'onnx', 'sync', 'tfjs', 'jax'] as const).find((folder) => file.startsWith(folder)) ?? 'others';

/** A module whose functions are these examples; it imports all of the entries that they may use. */
export function moduleOf(
  folder: ReturnType<typeof folderOf>,
  documented: readonly Documented[],
  entries: Readonly<Record<string, object>>,
): string {
  const imports = Object.entries(entries).map(
    ([entry, names]) => `import { ${Object.keys(names).join(', ')} } from '${entry}';`,
  );
  const functions = documented.map(
    (one, index) => `// ${one.file}\nexport async function example${index}() {\n${exampleOf(one)}\n}`,
  );
  return [...imports, GIVEN_IN[folder], ...functions].join('\n');
}
