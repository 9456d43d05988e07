import { join } from 'node:path';
import { installPackages, root } from '../../test/setup/install.mjs';

/** `npm run isa`: what AMD's compiler makes of the kernels. */

installPackages();
const { runnerImport } = await import('vite');
const { module } = await runnerImport(join(root, 'bench', 'isa', 'main.ts'), { configFile: false, logLevel: 'error' });
process.exit(await module.main(process.argv.slice(2)));
