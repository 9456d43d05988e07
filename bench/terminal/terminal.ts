/** What `run.mjs` takes from here; it runs before anything is bundled. */
export { OWN } from '../libraries/libraries.ts';
export { PEERS } from '../libraries/peers.ts';
export { choose } from './choose.ts';
export { BROWSER_HELP, readOptions } from './options.ts';
export { progressOf } from './progress.ts';
export { closingOf, jsonOf } from './table.ts';
