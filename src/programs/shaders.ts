const PREFIX = '../../shaders/';

/** Every shader file by its path below shaders/, without the ending: `kernels/normalize`. */
export const shaders: ReadonlyMap<string, string> = new Map(
  Object.entries(
    import.meta.glob<string>('../../shaders/**/*.wgsl', { query: '?raw', import: 'default', eager: true }),
  ).map(([path, text]) => [path.slice(PREFIX.length, -'.wgsl'.length), text]),
);
