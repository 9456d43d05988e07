import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create, globals } from 'webgpu';

/**
 * `node compile.mjs FOLDER`, in the environment of the driver: compiles the programs in FOLDER/programs.json with Dawn, and writes what the
 * driver says of each to FOLDER/compiled.json.
 */

const folder = process.argv[2];
const { programs, wave } = JSON.parse(readFileSync(join(folder, 'programs.json'), 'utf8'));
Object.assign(globalThis, globals);
// Dawn aborts the process when its instance is collected while a device lives: a global keeps it.
globalThis.dawn = create(['backend=vulkan', 'enable-dawn-features=allow_unsafe_apis']);
const adapter = await globalThis.dawn.requestAdapter();
if (!adapter) throw new Error('there is no adapter');
const FEATURES = ['shader-f16', 'subgroups', 'subgroup-size-control', 'chromium-experimental-subgroup-size-control'];
const LIMITS = [
  'maxStorageBuffersPerShaderStage',
  'maxStorageBufferBindingSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
];
const device = await adapter.requestDevice({
  requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
  requiredLimits: Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]])),
});

/** Lanes that a wave has at least: GCN has no waves of 32. */
const narrowest = adapter.info.subgroupMinSize;

/** `GPUShaderStage.COMPUTE` */
const COMPUTE_STAGE = 4;

async function compile({ code, bindings }, index) {
  const out = join(folder, String(index));
  process.env.SHIM_OUT = out;
  // A program that says itself how large its subgroups are stays as it is.
  process.env.SHIM_WAVE = code.includes('@subgroup_size') ? '0' : String(wave);
  device.pushErrorScope('validation');
  const entries = bindings.map((buffer, binding) => ({ binding, visibility: COMPUTE_STAGE, buffer }));
  const layout = device.createPipelineLayout({ bindGroupLayouts: [device.createBindGroupLayout({ entries })] });
  device.createComputePipeline({
    layout,
    compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
  });
  const error = await device.popErrorScope();
  if (error || !existsSync(`${out}.stats`)) return { error: error?.message ?? 'the driver said nothing of it' };
  const statistics = readFileSync(`${out}.stats`, 'utf8').trim().split('\n');
  return {
    statistics: Object.fromEntries(
      statistics.map((line) => line.split('=')).map(([name, text]) => [name, Number(text)]),
    ),
    listing: readFileSync(`${out}.isa`, 'utf8'),
  };
}

// Dawn hands out again what it has: each program is compiled once.
const compiled = new Map();
const results = [];
for (const program of wave < narrowest ? [] : programs) {
  const key = JSON.stringify([program.code, program.bindings]);
  if (!compiled.has(key)) compiled.set(key, await compile(program, compiled.size));
  results.push(compiled.get(key));
}
writeFileSync(join(folder, 'compiled.json'), JSON.stringify({ narrowest, results }));
process.exit(0);
