const PREFIX = '../../shaders/';

/** Every shader file of normalizations by its path below shaders/, without the ending: `kernels/normalize`. */
export const shaders: ReadonlyMap<string, string> = new Map(
  Object.entries(
    import.meta.glob<string>(['../../shaders/**/*.wgsl', '!../../shaders/images/**'], {
      query: '?raw',
      import: 'default',
      eager: true,
    }),
  ).map(([path, text]) => [path.slice(PREFIX.length, -'.wgsl'.length), text]),
);
