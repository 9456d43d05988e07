import type { Context, Dtype, Tensor } from 'webgpu-norm';
import bf16 from '../../../shaders/storage/bf16.wgsl?raw';
import f16 from '../../../shaders/storage/f16.wgsl?raw';
import type { Stored } from '../settings.ts';

type Half = Exclude<Stored, 'f32'>;
type Direction = 'narrow' | 'widen';

/** The library's own functions for halves, two a word. Of a pass they import how many loads it takes at once: here, one. */
const FUNCTIONS: Record<Half, string> = { f16, bf16 };
const alone = (file: string): string => file.replace(/^import package::pass.*$/m, 'const AT_ONCE = 1u;');

const WORKGROUP = 64;

/** An invocation a word: that is enough for eight million numbers, and more than any layer here has. */
const codeOf = (half: Half): string => `
${alone(FUNCTIONS[half])}

@group(0) @binding(0) var<storage, read_write> numbers: array<f32>;
@group(0) @binding(1) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(${WORKGROUP})
fn narrow(@builtin(global_invocation_id) id: vec3u) {
    let word = id.x;
    if (word < arrayLength(&words)) {
        // Of an odd number of elements the last word has one; its other half is read by nobody.
        let second = min(2u * word + 1u, arrayLength(&numbers) - 1u);
        words[word] = packed_${half}(vec4f(numbers[2u * word], numbers[second], 0.0, 0.0)).x;
    }
}

@compute @workgroup_size(${WORKGROUP})
fn widen(@builtin(global_invocation_id) id: vec3u) {
    let word = id.x;
    if (word < arrayLength(&words)) {
        let pair = unpacked_${half}(vec2u(words[word], 0u));
        numbers[2u * word] = pair.x;
        if (2u * word + 1u < arrayLength(&numbers)) { numbers[2u * word + 1u] = pair.y; }
    }
}
`;

/** Copies tensors to another dtype without their leaving the GPU. */
export class Converter {
  readonly #context: Context;
  readonly #pipelines = new Map<string, GPUComputePipeline>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** f32 numbers, each rounded to the nearest of a half dtype. */
  narrow(numbers: Tensor, dtype: Half): Tensor {
    const halves = this.#context.empty(numbers.shape, { dtype });
    this.#run('narrow', dtype, numbers, halves);
    return halves;
  }

  /** Halves as f32, which is exact. */
  widen(halves: Tensor): Tensor {
    const numbers = this.#context.empty(halves.shape);
    this.#run('widen', halfOf(halves.dtype), numbers, halves);
    return numbers;
  }

  #run(direction: Direction, half: Half, numbers: Tensor, halves: Tensor): void {
    const { device } = this.#context;
    const pipeline = this.#pipelineOf(direction, half);
    const words = Math.ceil(halves.size / 2);
    const bindGroup = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: { buffer: numbers.buffer, offset: numbers.byteOffset, size: numbers.byteLength } },
        { binding: 1, resource: { buffer: halves.buffer, offset: halves.byteOffset, size: 4 * words } },
      ],
    });
    const encoder = device.createCommandEncoder({ label: `${direction} ${half}` });
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(Math.ceil(words / WORKGROUP));
    pass.end();
    device.queue.submit([encoder.finish()]);
  }

  #pipelineOf(direction: Direction, half: Half): GPUComputePipeline {
    const name = `${direction} ${half}`;
    let pipeline = this.#pipelines.get(name);
    if (!pipeline) {
      const module = this.#context.device.createShaderModule({ label: name, code: codeOf(half) });
      const compute = { module, entryPoint: direction };
      pipeline = this.#context.device.createComputePipeline({ label: name, layout: 'auto', compute });
      this.#pipelines.set(name, pipeline);
    }
    return pipeline;
  }
}

function halfOf(dtype: Dtype): Half {
  if (dtype !== 'f16' && dtype !== 'bf16') throw new Error(`${dtype} is no half to be widened`);
  return dtype;
}
