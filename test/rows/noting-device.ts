/** What calls have a device do, as text: each dispatch with its program, what is bound where, and the numbers of its uniform. */

/** Names of buffers. */
export type Names = ReadonlyMap<GPUBuffer, string>;

/** A buffer: how large it is, and what was written to it last, by where. */
interface NotedBuffer extends Pick<GPUBuffer, 'label' | 'size' | 'usage' | 'destroy'> {
  written: Map<number, string>;
  destroyed: boolean;
}

interface Binding {
  buffer: NotedBuffer;
  offset: number;
  size: number;
  type: GPUBufferBindingType;
}

interface Command {
  textOf: (names: Names) => string;
  bindings: readonly Binding[];
  /** The numbers that it reads, once it was submitted. */
  numbers: string;
}

/** Programs are numbered by their text, whichever device they are of. */
const programs = new Map<string, number>();

const LIMITS = {
  minStorageBufferOffsetAlignment: 256,
  maxBufferSize: 2 ** 31,
  maxStorageBufferBindingSize: 2 ** 30,
  maxStorageBuffersPerShaderStage: 10,
  maxComputeWorkgroupsPerDimension: 65_535,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
};

/** A device that takes commands, and refuses what WebGPU would, but does nothing. */
export class NotingDevice {
  readonly device: GPUDevice;
  #noted: Command[] = [];
  #submitted = 0;

  constructor() {
    const device = {
      label: '',
      features: new Set(['shader-f16', 'subgroups']),
      limits: LIMITS,
      lost: new Promise(() => {}),
      adapterInfo: { vendor: '', architecture: '', device: '', description: '' },
      queue: {
        writeBuffer: ({ written }: NotedBuffer, offset: number, data: ArrayBuffer | Uint32Array<ArrayBuffer>) =>
          written.set(offset, (ArrayBuffer.isView(data) ? data : new Uint32Array(data)).join()),
        submit: () => this.#submit(),
        onSubmittedWorkDone: async () => undefined,
      },
      createBuffer: ({ label, size, usage }: GPUBufferDescriptor) => {
        const buffer = { label, size, usage, written: new Map(), destroyed: false };
        return Object.assign(buffer, { destroy: () => (buffer.destroyed = true) });
      },
      createShaderModule: ({ code }: GPUShaderModuleDescriptor) => code,
      createBindGroupLayout: ({ entries }: GPUBindGroupLayoutDescriptor) => entries,
      createPipelineLayout: () => null,
      createComputePipeline: ({ label, compute }: GPUComputePipelineDescriptor) => {
        const code = compute.module as unknown as string;
        if (!programs.has(code)) programs.set(code, programs.size);
        return `${label} (${programs.get(code)})`;
      },
      createBindGroup: ({ layout, entries }: GPUBindGroupDescriptor) => {
        const laid = [...(layout as unknown as GPUBindGroupLayoutEntry[])];
        return [...entries].map(({ resource }, index) => ({
          ...(resource as object),
          type: laid[index]!.buffer!.type,
        }));
      },
      createCommandEncoder: () => this.#encoder(),
      pushErrorScope: () => {},
      popErrorScope: async () => null,
    };
    this.device = device as unknown as GPUDevice;
  }

  /** Does some work, which tells the names of buffers; what that had the device do is known once it was submitted. */
  during(work: () => Names): () => string[] {
    if (this.#submitted === this.#noted.length) [this.#submitted, this.#noted] = [0, []];
    const first = this.#noted.length;
    const names = work();
    const commands = this.#noted.slice(first);
    const texts = commands.map(({ textOf }) => textOf(names));
    return () => commands.map(({ numbers }, index) => texts[index]! + numbers);
  }

  #encoder(): object {
    return {
      label: '',
      beginComputePass: () => this.#pass(),
      finish: () => ({}),
      clearBuffer: (buffer: GPUBuffer, offset: number, size: number) =>
        this.#note((names) => `clear ${nameOf(buffer, names)}+${offset}:${size}`),
      copyBufferToBuffer: (from: GPUBuffer, start: number, to: GPUBuffer, offset: number, size: number) =>
        this.#note((names) => `copy ${nameOf(from, names)}+${start} to ${nameOf(to, names)}+${offset}:${size}`),
    };
  }

  #pass(): object {
    let program = '';
    let bindings: Binding[] = [];
    return {
      label: '',
      setPipeline: (pipeline: string) => (program = pipeline),
      setBindGroup: (_: number, group: Binding[]) => (bindings = group),
      dispatchWorkgroups: (...counts: number[]) => {
        const [dispatched, [, ...bound]] = [program, bindings];
        const textOf = (names: Names): string => {
          const places = bound.map(
            ({ buffer, offset, size, type }) => `${type} ${nameOf(buffer, names)}+${offset}:${size}`,
          );
          return `${dispatched} of ${counts.join(' x ')} on ${places.join(', ')}`;
        };
        this.#note(textOf, bindings);
      },
      end: () => {},
    };
  }

  #note(textOf: Command['textOf'], bindings: readonly Binding[] = []): void {
    this.#noted.push({ textOf, bindings, numbers: '' });
  }

  #submit(): void {
    for (; this.#submitted < this.#noted.length; this.#submitted++) {
      const command = this.#noted[this.#submitted]!;
      checkBindings(command.bindings);
      const [uniform] = command.bindings;
      if (uniform) command.numbers = ` with ${uniform.buffer.written.get(uniform.offset)}`;
    }
  }
}

/** Refuses what WebGPU would. */
function checkBindings(bindings: readonly Binding[]): void {
  const isWritten = ({ type }: Binding): boolean => type === 'storage';
  for (const binding of bindings) {
    const { buffer, offset, size } = binding;
    const { label } = buffer;
    if (buffer.destroyed) throw new Error(`'${label}' was destroyed`);
    if (offset + size > buffer.size)
      throw new Error(`'${label}' has ${buffer.size} bytes, of which ${offset} to ${offset + size} are bound`);
    const isBoth = !isWritten(binding) && bindings.some((one) => one.buffer === buffer && isWritten(one));
    if (isBoth) throw new Error(`'${label}' is bound to be read and to be written`);
  }
}

/** The name of a buffer; of what the library wrote numbers into, those. */
function nameOf(buffer: NotedBuffer | GPUBuffer, names: Names): string {
  const { label, written } = buffer as NotedBuffer;
  return names.get(buffer as GPUBuffer) ?? written.get(0) ?? label;
}
