/** What `run.mjs` takes from here; it runs before anything is bundled. */
export { OWN } from '../libraries/libraries.ts';
export { PEERS } from '../libraries/peers.ts';
export { measureEach } from '../course/each.ts';
export { Gathered } from '../course/gathered.ts';
export { Pages } from '../course/pages.ts';
export { partsAsked } from '../course/parts.ts';
export { checkSame, commitsOf, readEarlier } from '../course/resume.ts';
export { choose, chooseForGpu, chooseSittings } from './choose.ts';
export { askedOf, BROWSER_HELP, paceOf, readOptions, seedOf } from './options.ts';
export { progressOf } from './progress.ts';
export { shapesClosing, shapesProgress } from './shapes.ts';
export { closingOf, jsonOf } from './table.ts';
export { checkWritable } from './writable.ts';
