const PREFIX = '../../shaders/';

/** Texts of shader files by their paths from here, as `import.meta.glob` gives them. */
type Shaders = Readonly<Record<string, string>>;

const files = /* @__PURE__ */ new Map(
  /* @__PURE__ */ byName(
    import.meta.glob<string>(
      [
        '../../shaders/**/*.wgsl',
        '!../../shaders/images/**',
        '!../../shaders/{backward,gradient,lookup}/*',
        '!../../shaders/kernels/{*gradient*,count_batch,global_response,update_running}.wgsl',
        '!../../shaders/source/{moments,pointwise,running,tracked}.wgsl',
        '!../../shaders/statistic/{deviation,l1,l2,linf,response,rms,sum,variance}.wgsl',
        '!../../shaders/{activation/erf,inclusion/partial,output/quantized,storage/i8}.wgsl',
      ],
      { query: '?raw', import: 'default', eager: true },
    ),
  ),
);

/**
 * Shader files of normalizations by their paths below shaders/, without the ending: `kernels/normalize`. Those that few calls take are there once one
 * is planned: an app that makes none does without them.
 */
export const shaders: ReadonlyMap<string, string> = files;

const added = new Set<Shaders>();

/** Adds what few calls take, unless it is there. */
export function addShaders(...sets: readonly Shaders[]): void {
  for (const set of sets) {
    if (added.has(set)) continue;
    added.add(set);
    for (const [name, text] of byName(set)) files.set(name, text);
  }
}

function byName(globbed: Shaders): [name: string, text: string][] {
  return Object.entries(globbed).map(([path, text]) => [path.slice(PREFIX.length, -'.wgsl'.length), text]);
}

/** Of gradients; that of a residual goes by a root mean square, which it takes for known. */
export const GRADIENT_SHADERS: Shaders = import.meta.glob<string>(
  ['../../shaders/{backward,gradient,lookup}/*.wgsl', '../../shaders/{kernels/*gradient*,statistic/rms}.wgsl'],
  { query: '?raw', import: 'default', eager: true },
);

/** Of statistics other than mean and variance. */
export const STATISTIC_SHADERS: Shaders = import.meta.glob<string>(
  [
    '../../shaders/statistic/*.wgsl',
    '!../../shaders/statistic/mean_variance.wgsl',
    '../../shaders/inclusion/partial.wgsl',
  ],
  { query: '?raw', import: 'default', eager: true },
);

/** Of statistics that are given, and running ones. */
export const TRACKED_SHADERS: Shaders = import.meta.glob<string>(
  '../../shaders/{kernels/{count_batch,update_running},source/{moments,running,tracked}}.wgsl',
  { query: '?raw', import: 'default', eager: true },
);

/** Of a norm's response among those of other channels. */
export const RESPONSE_SHADERS: Shaders = import.meta.glob<string>(
  '../../shaders/{kernels/global_response,source/pointwise}.wgsl',
  { query: '?raw', import: 'default', eager: true },
);

/** Of functions of each element. */
export const POINTWISE_SHADERS: Shaders = import.meta.glob<string>(
  '../../shaders/{activation/erf,source/pointwise}.wgsl',
  { query: '?raw', import: 'default', eager: true },
);

/** Of results that are quantized. */
export const QUANTIZED_SHADERS: Shaders = import.meta.glob<string>('../../shaders/{output/quantized,storage/i8}.wgsl', {
  query: '?raw',
  import: 'default',
  eager: true,
});
