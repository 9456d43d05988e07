import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FOLDER, mesaIn } from '../../bench/isa/mesa.ts';

/** What runs on lavapipe, where `npm test` has fetched it: a part, since its compiler takes a second for a large kernel. */
const FILES = [
  'test/lavapipe/**/*.test.ts',
  'test/gpu/forward/conformance.test.ts',
  'test/gpu/fuzz/fuzz.test.ts',
  'test/gpu/runtime/{adapter,calibrate,schedules,subgroup-size}.test.ts',
];

/** The files of the project, and the environment in which Dawn finds the driver. */
export function onLavapipe(): { include: string[]; env: Record<string, string> } {
  const { libraries, lavapipe } = mesaIn();
  const env = {
    RUNTIME: 'lavapipe',
    LD_LIBRARY_PATH: libraries,
    VK_ICD_FILENAMES: lavapipe,
    VK_DRIVER_FILES: lavapipe,
    // What is compiled without being optimized is there in half the time; what was compiled once is kept.
    GALLIVM_PERF: 'nopt',
    MESA_SHADER_CACHE_DIR: join(FOLDER, 'programs'),
  };
  return { include: existsSync(lavapipe) ? FILES : [], env };
}
