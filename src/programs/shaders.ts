const PREFIX = '../../shaders/';

/** Texts by paths from here, as `import.meta.glob` gives them. */
type Globbed = Readonly<Record<string, string>>;

const files = /* @__PURE__ */ new Map(
  /* @__PURE__ */ byName(
    import.meta.glob<string>(
      [
        '../../shaders/**/*.wgsl',
        '!../../shaders/images/**',
        '!../../shaders/{backward,gradient,lookup}/*.wgsl',
        '!../../shaders/kernels/*gradient*.wgsl',
        '!../../shaders/output/quantized.wgsl',
      ],
      { query: '?raw', import: 'default', eager: true },
    ),
  ),
);

/** Shader files of normalizations by their paths below shaders/, without the ending: `kernels/normalize`. Those that few calls need are there once one is planned. */
export const shaders: ReadonlyMap<string, string> = files;

/** Adds the files that gradients alone need: an app that calls none does without this function, and without them. */
export function addGradientShaders(): void {
  if (files.has('kernels/gradient_sums')) return;
  add(
    import.meta.glob<string>(
      ['../../shaders/{backward,gradient,lookup}/*.wgsl', '../../shaders/kernels/*gradient*.wgsl'],
      { query: '?raw', import: 'default', eager: true },
    ),
  );
}

/** The same of results that are quantized. */
export function addQuantizedShaders(): void {
  if (files.has('output/quantized')) return;
  add(
    import.meta.glob<string>('../../shaders/output/quantized.wgsl', { query: '?raw', import: 'default', eager: true }),
  );
}

function add(globbed: Globbed): void {
  for (const [name, text] of byName(globbed)) files.set(name, text);
}

function byName(globbed: Globbed): [name: string, text: string][] {
  return Object.entries(globbed).map(([path, text]) => [path.slice(PREFIX.length, -'.wgsl'.length), text]);
}
