import { describe, expect, it } from 'vitest';
import { layerNormDefinition } from '../../src/norms/layer-norm.ts';
import { planForward } from '../../src/plan/forward.ts';
import type { Pass } from '../../src/plan/plan.ts';
import { Programs, programsOf } from '../../src/programs/programs.ts';
import { SOFTWARE } from '../plan/every-plan.ts';
import { state } from '../plan/every-problem.ts';

/** A device that compiles anything. */
function pretendDevice() {
  const made: string[] = [];
  const compile = ({ label }: { label: string }): object => {
    made.push(label);
    return {};
  };
  const device = {
    createBindGroupLayout: () => ({}),
    createPipelineLayout: () => ({}),
    createShaderModule: () => ({}),
    createComputePipeline: compile,
    createComputePipelineAsync: async (descriptor: { label: string }) => compile(descriptor),
  };
  return { device: device as unknown as GPUDevice, made };
}

const [pass] = planForward(state(layerNormDefinition, [4, 8], {}), SOFTWARE, {}, {}).passes;
/** A pass that takes a pipeline of its own. */
const variant = (number: number): Pass => ({ ...pass!, constants: { ...pass!.constants, VARIANT: number } });

describe('programs', () => {
  it('are at most as many as told: those used last', async () => {
    const { device, made } = pretendDevice();
    const programs = new Programs(device, 3);
    const first = [0, 1, 2].map((number) => programs.get(variant(number)));
    programs.use(first[0]!);
    await programs.prepare(variant(3));
    expect(programs.size).toBe(3);
    expect(first.map(({ dropped }) => dropped)).toEqual([false, true, false]);
    expect(programs.get(variant(0))).toBe(first[0]);
    expect(made.length).toBe(4);
    programs.get(variant(1));
    expect(made.length).toBe(5);
    expect(first[2]!.dropped).toBe(true);
  });

  it('stay as many however many there were', () => {
    const { device, made } = pretendDevice();
    const programs = new Programs(device, 20);
    for (let number = 0; number < 200; number++) programs.get(variant(number));
    expect([programs.size, made.length]).toEqual([20, 200]);
  });

  it('are those of the device, whoever asks', () => {
    const { device } = pretendDevice();
    expect(programsOf(device, 3)).toBe(programsOf(device, 3));
  });
});
