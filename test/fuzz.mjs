import { parseArgs } from 'node:util';
import { installBrowser, installLavapipe, installPackages } from './setup/install.mjs';
import { MEMBERS, runTests } from './setup/members.mjs';
import { torchPython } from './setup/torch.mjs';

/**
 * `npm run fuzz`: random calls against float64; a failure is shrunk, and printed as a case for test/gpu/fuzz/found.test.ts. And as many calls after such as
 * are another in one thing.
 */

const RUNTIMES = Object.keys(MEMBERS).filter((name) => !MEMBERS[name].needsWine);

const USAGE = `npm run fuzz -- [--cases 1000] [--seed S] [--runtime ${RUNTIMES.join(' | ')}] [--oracle torch]

  --cases    how many calls
  --seed     what they are drawn from; printed where it is left out
  --runtime  Node with Dawn (the default), headless Chromium, or on Mesa's lavapipe Dawn or Deno
  --oracle   torch: PyTorch's values and gradients of each call are compared with the float64 reference too`;

function options() {
  try {
    const { values } = parseArgs({
      options: {
        cases: { type: 'string', default: '1000' },
        seed: { type: 'string' },
        runtime: { type: 'string', default: 'dawn' },
        oracle: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const { cases, seed, runtime, oracle } = values;
    const whole = (text) => /^[0-9]{1,9}$/.test(text);
    if (!whole(cases) || Number(cases) < 1) throw new Error(`--cases is ${cases}; it must be a positive whole number`);
    if (seed !== undefined && !whole(seed)) throw new Error(`--seed is ${seed}; it must be a whole number`);
    if (!RUNTIMES.includes(runtime))
      throw new Error(`--runtime is ${runtime}; it must be one of ${RUNTIMES.join(', ')}`);
    if (oracle !== undefined && oracle !== 'torch') throw new Error(`--oracle is ${oracle}; it must be torch`);
    if (oracle && runtime === 'chromium') throw new Error('--oracle torch runs in Node: leave --runtime chromium out');
    return values;
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

const { cases, seed, runtime, oracle, help } = options();
if (help) {
  console.log(USAGE);
  process.exit(0);
}
installPackages();
await installBrowser();
if (MEMBERS[runtime].needsLavapipe) await installLavapipe();
if (oracle === 'torch') process.env['ORACLE'] = torchPython();
process.env['CASES'] = cases;
if (seed !== undefined) process.env['SEED'] = seed;
const passed = runTests(runtime, ['--project', 'unit', 'test/gpu/fuzz/fuzz.test.ts', 'test/rows/rows.test.ts']);
process.exit(passed ? 0 : 1);
