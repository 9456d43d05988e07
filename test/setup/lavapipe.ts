import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FOLDER, mesaIn } from '../../bench/isa/mesa.ts';

/** What runs on lavapipe, where `npm test` has fetched it: a part, since its compiler takes a second for a large kernel; all with `WHOLE=1`. */
const PART = [
  'test/lavapipe/**/*.test.ts',
  'test/gpu/forward/conformance.test.ts',
  'test/gpu/fuzz/fuzz.test.ts',
  'test/gpu/runtime/{adapter,calibrate,schedules,subgroup-size}.test.ts',
];
const WHOLE = ['test/lavapipe/**/*.test.ts', 'test/gpu/**/*.test.ts'];

/** The files of a project on lavapipe, and the environment in which Dawn or Deno's wgpu finds the driver. */
export function onLavapipe(runtime: 'lavapipe' | 'Deno'): { include: string[]; env: Record<string, string> } {
  const { libraries, lavapipe } = mesaIn();
  const env = {
    RUNTIME: runtime,
    LD_LIBRARY_PATH: libraries,
    VK_ICD_FILENAMES: lavapipe,
    VK_DRIVER_FILES: lavapipe,
    // What is compiled without being optimized is there in half the time; what was compiled once is kept.
    GALLIVM_PERF: 'nopt',
    MESA_SHADER_CACHE_DIR: join(FOLDER, 'programs'),
  };
  const include = process.env['WHOLE'] === '1' ? WHOLE : PART;
  return { include: existsSync(lavapipe) ? include : [], env };
}
