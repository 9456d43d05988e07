/** WGSL that is compiled, and what it binds. */
export interface Program {
  /** Names it in tables. */
  title: string;
  code: string;
  /** In the order of their numbers, from 0. */
  bindings: GPUBufferBindingLayout[];
  /** Elements of x that an invocation has its share of, on average. */
  elements: number;
}

export const READ: GPUBufferBindingLayout = { type: 'read-only-storage' };
export const WRITE: GPUBufferBindingLayout = { type: 'storage' };
