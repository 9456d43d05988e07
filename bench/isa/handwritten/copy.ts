import { READ, WRITE } from '../program.ts';
import type { Program } from '../program.ts';

/** One load and one store of 16 bytes: the least that a pass over x can be. */
export const COPY: Program = {
  title: 'copy',
  elements: 4,
  bindings: [READ, WRITE],
  code: /* wgsl */ `
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  y[id.x] = x[id.x];
}`,
};
