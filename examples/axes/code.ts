import { channelsPerGroup, reshaped } from './sharing.ts';
import { sharingIn } from './state.ts';
import type { State } from './state.ts';
import { shapeOf } from './tensor.ts';
import type { Layout } from './tensor.ts';

/** A setting as a program of a few lines. */
export function codeOf(state: State): string {
  const { layout, batch } = state;
  const { name, call } = callOf(state);
  return `import { createContext, ${name} } from 'webgpu-norm';

const context = await createContext();
const x = context.tensor(data, ${list(shapeOf(layout, batch))}); // ${[...layout].join(', ')}
const y = ${call};`;
}

function callOf(state: State): { name: string; call: string } {
  const { mode, groups, layout, statistic } = state;
  const call = (name: string, ...options: string[]): { name: string; call: string } => {
    const all = options.filter(Boolean).join(', ');
    return { name, call: `${name}(x${all ? `, { ${all} }` : ''})` };
  };
  const named = statistic === 'mean-variance';
  if (named && mode === 'batch') return call('batchNorm', 'training: true', layoutOption(layout));
  if (named && mode === 'layer') return call('layerNorm', 'axes: [1, 2, 3]');
  if (named && mode === 'instance') return call('instanceNorm', layoutOption(layout));
  if (named && mode === 'group') return call('groupNorm', `numGroups: ${groups}`, layoutOption(layout));
  return normalizeCall(state);
}

function normalizeCall(state: State): { name: string; call: string } {
  const { layout, batch, statistic } = state;
  const by = sharingIn(state);
  const { shape, axes } = reshaped(by, layout, batch);
  const options = `{ axes: ${list(axes)}, statistic: '${statistic}' }`;
  if (by.groups === 1) return { name: 'normalize', call: `normalize(x, ${options})` };
  const comment = `// ${by.groups} groups of ${channelsPerGroup(by)} channels`;
  const back = list(shapeOf(layout, batch));
  return {
    name: 'normalize',
    call: `normalize(x.reshape(${list(shape)}), ${options}) ${comment}\n  .reshape(${back})`,
  };
}

const layoutOption = (layout: Layout): string => (layout === 'NCHW' ? '' : `layout: '${layout}'`);
const list = (numbers: readonly number[]): string => `[${numbers.join(', ')}]`;
