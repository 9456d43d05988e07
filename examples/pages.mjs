/** Pages of the site, in the order of their links: a folder of this one each. */
export const PAGES = [
  { folder: 'axes', name: 'Axes', shows: 'Which elements share statistics' },
  { folder: 'pictures', name: 'Pictures', shows: 'Your pictures and camera, normalized' },
  { folder: 'train', name: 'Training', shows: 'Training with and without' },
  { folder: 'sync', name: 'Two pages', shows: 'Two pages train one network' },
  { folder: 'speed', name: 'Speed', shows: 'How fast, on your GPU' },
  { folder: 'images', name: 'Model input', shows: 'A picture, as a vision model takes it' },
  { folder: 'onnx', name: 'ONNX Runtime', shows: 'Between two sessions of ONNX Runtime' },
  { folder: 'tfjs', name: 'TensorFlow.js', shows: 'A model of TensorFlow.js' },
  { folder: 'jax', name: 'jax-js', shows: 'A network of jax-js' },
];

const EMPTY = '<nav aria-label="Pages"></nav>';

/** Links to all pages, from one of them; to the documentation too where it is built beside them. */
function linksOf(current) {
  const links = PAGES.map(
    ({ folder, name }) => `<a href="../${folder}/"${folder === current ? ' aria-current="page"' : ''}>${name}</a>`,
  );
  if (process.env['SITE_PATH']) links.push('<a href="../docs/">Documentation</a>');
  return EMPTY.replace('></', `>${links.join(' ')}</`);
}

/** Plugin for Vite: the links of each page stand in its HTML, so that nothing moves when scripts run. */
export const navigation = {
  name: 'navigation',
  transformIndexHtml: (html, { path }) => html.replace(EMPTY, linksOf(path.split('/').at(-2))),
};
