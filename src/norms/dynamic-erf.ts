import { pointwiseDefinition } from './dynamic-tanh.ts';
import type { DynamicTanhOptions, PointwiseDefinition } from './dynamic-tanh.ts';

export interface DynamicErfOptions<T> extends DynamicTanhOptions<T> {
  /** The number added to alpha · x: one element, which is trained. */
  inputShift?: T | undefined;
}

export const dynamicErfDefinition: PointwiseDefinition = /* @__PURE__ */ pointwiseDefinition(
  'dynamicErf',
  'dynamic-erf',
  ['alpha', 'inputShift'],
);
