/** Every page, in the order of the sidebar: a page more is a line more. */
export const SECTIONS: readonly (readonly [section: string, pages: Readonly<Record<string, string>>])[] = [
  [
    'Use',
    {
      index: 'Start',
      install: 'Install',
      choosing: 'Which normalization for what',
      models: 'Models',
      'coming-from': 'Coming from another library',
      training: 'Training',
      device: 'Your own device and buffers',
      precision: 'Precision and error bounds',
      promises: 'Promises, and the tests that hold them',
      troubleshooting: 'Troubleshooting',
    },
  ],
  [
    'Fusions',
    {
      fusions: 'Before and after a normalization',
      sequences: 'Masks and packed sequences',
      rotary: 'Rotary position embedding',
      quantized: 'Quantized results',
      traffic: 'What a fusion saves',
    },
  ],
  [
    'With other libraries',
    {
      webgpu: 'Plain WebGPU, TypeGPU, images',
      tfjs: 'TensorFlow.js',
      jax: 'jax-js',
      onnx: 'ONNX Runtime',
      sync: 'Several devices',
    },
  ],
  ['Speed', { performance: 'On a GPU, and why', benchmark: 'Benchmark' }],
  ['How it is made', { design: 'Design', gradients: 'Gradients', adding: 'Adding a mode', glossary: 'Glossary' }],
];

interface Item {
  text: string;
  link?: string;
  items?: Item[];
}

export const SIDEBAR: Item[] = SECTIONS.map(([text, pages]) => ({
  text,
  items: Object.entries(pages).map(([page, title]) => ({ text: title, link: page === 'index' ? '/' : `/${page}` })),
}));
