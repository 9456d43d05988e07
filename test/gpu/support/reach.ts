/** Watches that no program of a device reaches beyond an array, of what is bound or of its own: before each access its index is looked at. */

/** Arrays that may be told apart. */
const MOST = 1 << 16;
const STORAGE = 0x80;
const COPY_SRC = 0x4;
const COPY_DST = 0x8;
const COMPUTE = 0x4;

const BOUND = /var<storage, \w+> (\w+)\s*:\s*array<\w+>/g;
const OWN = /var<(?:workgroup|private)> (\w+)\s*:\s*array<\w+,\s*([^;]+)>;/g;

/** The function that is returned tells of each array that was reached beyond since it was last asked, by the label of its program. */
export function watchReach(device: GPUDevice): () => Promise<string[]> {
  const labels: string[] = [];
  const faults = device.createBuffer({ size: 4 * MOST, usage: STORAGE | COPY_SRC | COPY_DST });
  const layout = device.createBindGroupLayout({
    entries: [{ binding: 0, visibility: COMPUTE, buffer: { type: 'storage' } }],
  });
  const group = device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer: faults } }] });

  const watched = (code: string, label: string): string => {
    const checks: string[] = [];
    let text = code;
    const watch = (name: string, length: string): void => {
      const id = labels.push(`${label}: ${name}`) - 1;
      if (id >= MOST) throw new Error('more arrays than are told apart');
      text = text.replaceAll(new RegExp(`(?<![\\w.])${name}\\[`, 'g'), `${name}[at_${name}(`);
      text = closed(text, `${name}[at_${name}(`);
      checks.push(`fn at_${name}(i: u32) -> u32 { if (i >= ${length}) { atomicAdd(&beyond[${id}u], 1u); } return i; }`);
    };
    for (const [, name] of code.matchAll(BOUND)) watch(name!, `arrayLength(&${name})`);
    for (const [, name, length] of code.matchAll(OWN)) watch(name!, `u32(${length})`);
    return `${text}\n@group(1) @binding(0) var<storage, read_write> beyond: array<atomic<u32>>;\n${checks.join('\n')}\n`;
  };

  const { createShaderModule, createPipelineLayout, createCommandEncoder } = device;
  Object.assign(device, {
    createShaderModule: (descriptor: GPUShaderModuleDescriptor) =>
      createShaderModule.call(device, {
        ...descriptor,
        code: watched(descriptor.code, descriptor.label ?? ''),
      }),
    createPipelineLayout: (descriptor: GPUPipelineLayoutDescriptor) =>
      createPipelineLayout.call(device, {
        ...descriptor,
        bindGroupLayouts: [...descriptor.bindGroupLayouts, layout],
      }),
    createCommandEncoder: (descriptor?: GPUCommandEncoderDescriptor) => {
      const encoder = createCommandEncoder.call(device, descriptor);
      const { beginComputePass } = encoder;
      return Object.assign(encoder, {
        beginComputePass: (given?: GPUComputePassDescriptor) => {
          const pass = beginComputePass.call(encoder, given);
          pass.setBindGroup(1, group);
          return pass;
        },
      });
    },
  });

  return async () => {
    const copy = device.createBuffer({ size: faults.size, usage: COPY_DST | 1 });
    const encoder = createCommandEncoder.call(device);
    encoder.copyBufferToBuffer(faults, 0, copy, 0, faults.size);
    encoder.clearBuffer(faults);
    device.queue.submit([encoder.finish()]);
    await copy.mapAsync(1);
    const counts = new Uint32Array(copy.getMappedRange());
    const found = labels.flatMap((label, id) => (counts[id]! > 0 ? [`${label}, ${counts[id]} times`] : []));
    copy.destroy();
    return found;
  };
}

/** Text in which each opening of a call has its closing parenthesis before the bracket that ends it. */
function closed(text: string, opening: string): string {
  let from = text.indexOf(opening);
  while (from >= 0) {
    let at = from + opening.length;
    for (let depth = 1; depth > 0; at++) {
      if (text[at] === '[') depth++;
      if (text[at] === ']') depth--;
    }
    text = `${text.slice(0, at - 1)})${text.slice(at - 1)}`;
    from = text.indexOf(opening, from + opening.length);
  }
  return text;
}
