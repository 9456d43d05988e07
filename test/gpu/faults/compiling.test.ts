import { expect, it, vi } from 'vitest';
import { createContext, layerNorm, NormError } from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';

/** A driver that fails to compile a program: an internal error, which the scope for validation does not hear. */

const context = await createContext({ gpu: await gpu() });
const { device } = context;
const [push, compile, pop] = [
  device.pushErrorScope.bind(device),
  device.createComputePipeline.bind(device),
  device.popErrorScope.bind(device),
];

/** Has the driver fail to compile whatever comes next: the pipeline is none, and the innermost scope for internal errors hears why. */
function failToCompile(): void {
  const scopes: { filter: GPUErrorFilter; error: GPUError | null }[] = [];
  vi.spyOn(device, 'pushErrorScope').mockImplementation((filter) => {
    scopes.push({ filter, error: null });
    push(filter);
  });
  vi.spyOn(device, 'popErrorScope').mockImplementation(async () => {
    const scope = scopes.pop();
    return (await pop()) ?? scope?.error ?? null;
  });
  vi.spyOn(device, 'createComputePipeline').mockImplementation((descriptor) => {
    push('validation');
    const pipeline = compile({ ...descriptor, compute: { ...descriptor.compute, entryPoint: 'none' } });
    void pop();
    const heard = scopes.findLast(({ filter }) => filter === 'internal');
    if (heard) heard.error = { message: 'The driver is out of registers' };
    return pipeline;
  });
}

it.each(['command encoder', 'compute pass'] as const)(
  'of a call on a %s of the app’s: who reads the result is told, and so is who calls it again',
  async (kind) => {
    const x = context.empty([3, kind === 'compute pass' ? 40 : 36]);
    const commands = device.createCommandEncoder();
    const pass = kind === 'compute pass' ? commands.beginComputePass() : null;
    const uncaptured = vi.fn((event: Event) => event.preventDefault());
    device.addEventListener('uncapturederror', uncaptured);
    failToCompile();
    const recorded = layerNorm(x, { encoder: pass ?? commands, activation: pass ? 'silu' : 'gelu' });
    vi.restoreAllMocks();
    pass?.end();
    push('validation');
    commands.finish();
    expect(await pop()).not.toBeNull();
    await expect(recorded.read()).rejects.toMatchObject({
      name: 'NormError',
      code: 'device',
      message: expect.stringContaining('out of registers'),
    });
    const again = layerNorm(x, { activation: pass ? 'silu' : 'gelu' });
    await expect(again.read()).rejects.toBeInstanceOf(NormError);
    expect(uncaptured).not.toHaveBeenCalled();
    device.removeEventListener('uncapturederror', uncaptured);
  },
);
