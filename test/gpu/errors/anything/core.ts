import * as norm from '../../../../src/index.ts';
import type { Context, Tensor } from '../../../../src/index.ts';
import { adaptiveInstanceNormDefinition } from '../../../../src/norms/adaptive-instance-norm.ts';
import { batchNormDefinition } from '../../../../src/norms/batch-norm.ts';
import { dynamicErfDefinition } from '../../../../src/norms/dynamic-erf.ts';
import { dynamicTanhDefinition } from '../../../../src/norms/dynamic-tanh.ts';
import { globalResponseNormDefinition } from '../../../../src/norms/global-response-norm.ts';
import { groupNormDefinition } from '../../../../src/norms/group-norm.ts';
import { instanceNormDefinition } from '../../../../src/norms/instance-norm.ts';
import { layerNormDefinition } from '../../../../src/norms/layer-norm.ts';
import { normalizeDefinition } from '../../../../src/norms/normalize.ts';
import { layerNormQuantizedDefinition, rmsNormQuantizedDefinition } from '../../../../src/norms/quantized.ts';
import { rmsNormDefinition } from '../../../../src/norms/rms-norm.ts';
import { scaleNormDefinition } from '../../../../src/norms/scale-norm.ts';
import type { Right } from './values.ts';

const DEFINITIONS = [
  layerNormDefinition,
  rmsNormDefinition,
  layerNormQuantizedDefinition,
  rmsNormQuantizedDefinition,
  globalResponseNormDefinition,
  dynamicTanhDefinition,
  dynamicErfDefinition,
  scaleNormDefinition,
  batchNormDefinition,
  instanceNormDefinition,
  groupNormDefinition,
  normalizeDefinition,
  adaptiveInstanceNormDefinition,
] as const;

/** What some functions cannot do without. */
const NEEDED: Readonly<Record<string, object>> = {
  batchNorm: { training: true },
  groupNorm: { numGroups: 2 },
  normalize: { axes: 1, statistic: 'l2' },
};

const BACKWARD = ['gradients', 'dresidualOut', 'out', 'accumulate', 'encoder', 'sums'];

/** Every function, and every method of what they make. */
export function callsOf(context: Context): Right[] {
  const tensor = (...shape: number[]): Tensor => context.empty(shape);
  const x = tensor(4, 6, 8);
  const functions = norm as unknown as Record<string, Right['call']>;
  const data = Float32Array.from({ length: 4 }, (_, index) => index);
  const moments = (): norm.Moments => norm.moments(x, { axes: [0, 2] });
  const ofPart = norm.batchNormForward(x, { training: true, moments: moments() }).saved;
  return [
    ...DEFINITIONS.flatMap((definition): Right[] => {
      const { op, options } = definition;
      const needed = { ...NEEDED[op], ...(op.startsWith('dynamic') && { alpha: tensor(1) }) };
      const style = op === 'adaptiveInstanceNorm' ? [x] : [];
      const names = [...('given' in definition ? definition.given : options), 'out', 'encoder', 'axes', 'misspelt'];
      const at = 1 + style.length;
      const forward = (name: string): Right => {
        return { name, call: functions[name]!, given: () => [x, ...style, needed], options: { at, names } };
      };
      if (op.endsWith('Quantized')) return [forward(op)];
      const { saved } = functions[`${op}Forward`]!(...([x, ...style, needed] as never[])) as norm.ForwardResult;
      return [
        forward(op),
        forward(`${op}Forward`),
        {
          name: `${op}Backward`,
          call: functions[`${op}Backward`]!,
          given: () => [x, saved, {}],
          options: { at: 2, names: BACKWARD },
        },
      ];
    }),
    {
      name: 'moments',
      call: norm.moments,
      given: () => [x, { axes: 1 }],
      options: { at: 1, names: ['axes', 'keepDims', 'encoder'] },
    },
    {
      name: 'mergeMoments',
      call: norm.mergeMoments,
      given: () => [[moments(), moments()], {}],
      options: { at: 1, names: ['encoder'] },
    },
    {
      name: 'gradientSums',
      call: norm.gradientSums,
      given: () => [x, ofPart, {}],
      options: { at: 2, names: ['encoder', 'dresidualOut'] },
    },
    {
      name: 'mergeGradientSums',
      call: norm.mergeGradientSums,
      given: () => [[norm.gradientSums(x, ofPart)], {}],
      options: { at: 1, names: ['encoder'] },
    },
    ...(['loadMoments', 'loadGradientSums'] as const).map((name): Right => {
      const planes = name === 'loadMoments' ? 5 : 2;
      const read = { data: new Float32Array(planes * 64), shape: [6], count: 4 };
      return { name, call: norm[name], given: () => [context, read], options: { at: 1, names: Object.keys(read) } };
    }),
    {
      name: 'createContext',
      call: async (options, ...more) => (await norm.createContext(options, ...more)).destroy(),
      given: () => [{ device: context.device, calibrate: false }],
      options: {
        at: 0,
        names: 'device adapter gpu powerPreference calibrate programs specialize memory profile schedule'.split(' '),
      },
    },
    {
      name: 'context.tensor',
      call: context.tensor.bind(context),
      given: () => [data, [2, 2], {}],
      options: { at: 2, names: ['dtype', 'label'] },
    },
    {
      name: 'context.empty',
      call: context.empty.bind(context),
      given: () => [[2, 2], {}],
      options: { at: 1, names: ['dtype', 'label'] },
    },
    {
      name: 'context.wrap',
      call: context.wrap.bind(context),
      given: () => [x.buffer, { shape: [4] }],
      options: { at: 1, names: ['shape', 'dtype', 'byteOffset', 'strides'] },
    },
    ...(['explain', 'prepare', 'ready'] as const).map((name): Right => ({
      name: `context.${name}`,
      call: context[name].bind(context) as Right['call'],
      given: () => [() => norm.layerNorm(x)],
    })),
    { name: 'context.memory', call: context.memory.bind(context), given: () => [] },
    { name: 'context.trim', call: context.trim.bind(context), given: () => [] },
    {
      name: 'layerNorm with elu',
      call: functions['layerNorm']!,
      given: () => [x, { activation: 'elu' }],
      options: { at: 1, names: ['activation', 'alpha'] },
    },
    { name: 'moments.read', call: moments().read.bind(moments()), given: () => [] },
    {
      name: 'gradientSums.read',
      call: norm.gradientSums(x, ofPart).read.bind(norm.gradientSums(x, ofPart)),
      given: () => [],
    },
    { name: 'tensor.read', call: x.read.bind(x), given: () => ['f32'] },
    { name: 'tensor.reshape', call: x.reshape.bind(x), given: () => [[4, 48]] },
    { name: 'tensor.slice', call: x.slice.bind(x), given: () => [1, 0, 3] },
    { name: 'tensor.permute', call: x.permute.bind(x), given: () => [[2, 0, 1]] },
  ];
}
