import type { Context } from '../../../../src/index.ts';
import * as layers from '../../../../src/layers/index.ts';
import type { Right } from './values.ts';

/** Layers by their class, with what their constructors take besides the context. */
const LAYERS: Readonly<
  Record<string, { given: readonly unknown[]; names: readonly string[]; shape?: readonly number[]; gated?: boolean }>
> = {
  LayerNorm: { given: [8], names: ['eps', 'bias', 'elementwiseAffine'] },
  RMSNorm: { given: [8], names: ['eps', 'zeroCenteredWeight', 'elementwiseAffine'] },
  RMSNormGated: { given: [8], names: ['eps', 'groupSize', 'normBeforeGate'], gated: true },
  GroupNorm: { given: [2, 4], names: ['eps', 'affine', 'layout', 'channelAxis'], shape: [2, 4, 8] },
  BatchNorm1d: { given: [4], names: ['eps', 'momentum', 'affine', 'trackRunningStats'], shape: [2, 4, 8] },
  BatchNorm2d: { given: [4], names: ['eps', 'momentum'], shape: [2, 4, 3, 3] },
  BatchNorm3d: { given: [4], names: ['eps'], shape: [2, 4, 2, 2, 2] },
  InstanceNorm1d: { given: [4], names: ['eps', 'momentum', 'affine', 'trackRunningStats'], shape: [2, 4, 8] },
  InstanceNorm2d: { given: [4], names: ['eps'], shape: [2, 4, 3, 3] },
  InstanceNorm3d: { given: [4], names: ['eps'], shape: [2, 4, 2, 2, 2] },
  GlobalResponseNorm: { given: [8], names: ['eps', 'layout', 'channelAxis'], shape: [2, 8, 3, 3] },
  GraphNorm: { given: [8], names: ['eps'] },
  ScaleNorm: { given: [], names: ['eps', 'weight'] },
  DynamicTanh: { given: [8], names: ['alpha'] },
  DynamicErf: { given: [8], names: ['alpha'] },
};

/** The constructor and every method of each layer. */
export function layerCalls(context: Context): Right[] {
  const classes = layers as unknown as Record<string, new (...given: unknown[]) => layers.Layer>;
  return Object.entries(LAYERS).flatMap(([name, { given, names, shape = [2, 8], gated }]): Right[] => {
    const Layer = classes[name]!;
    const layer = new Layer(context, ...given);
    layer.keepSaved = true;
    const x = context.empty(shape);
    const inputs = gated ? { z: context.empty(shape) } : {};
    let isKept = false;
    const keep = (): void => {
      if (!isKept) layer.forward(x, inputs).destroy();
      isKept = true;
    };
    const methods = ['train', 'eval', 'parameters', 'zeroGrad', 'stateDict', 'freeSaved'] as const;
    return [
      {
        name: `new ${name}`,
        call: (...all: unknown[]) => new Layer(...all).destroy(),
        given: () => [context, ...given, {}],
        options: { at: 1 + given.length, names: [...names, 'misspelt'] },
      },
      ...methods.map((method): Right => {
        return { name: `${name}.${method}`, call: layer[method].bind(layer) as Right['call'], given: () => [] };
      }),
      {
        name: `${name}.forward`,
        call: layer.forward.bind(layer) as Right['call'],
        given: () => (layer.freeSaved(), [x, inputs]),
        options: { at: 1, names: ['out', 'encoder'] },
      },
      {
        name: `${name}.backward`,
        call: (...all) => {
          (layer.backward as (...given: never[]) => unknown)(...all);
          isKept = false;
        },
        given: () => (keep(), [x, {}]),
        options: { at: 1, names: ['out', 'encoder'] },
      },
      {
        name: `${name}.loadStateDict`,
        call: layer.loadStateDict.bind(layer),
        given: () => [{}, { strict: false }],
        options: { at: 1, names: ['strict', 'rename'] },
      },
    ];
  });
}
