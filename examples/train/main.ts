import { makeLive } from './live.ts';
import { showRows } from './recorded.ts';
import { drawSamples } from './samples.ts';
import { trainBy } from './scripted.ts';
import type { Row } from './settings.ts';

interface Recorded {
  adapter: string;
  seeds: readonly number[];
  rows: Row[];
}

/** What scripts use: `train('?run=tiny&dtype=f16')`. */
interface Remote {
  train?: (search: string) => Promise<void>;
}

const recorded = Object.values(import.meta.glob<Recorded>('./results.json', { eager: true, import: 'default' }))[0];

drawSamples(document.getElementById('pictures') as HTMLCanvasElement);
(globalThis as Remote).train = trainBy;
if (new URLSearchParams(location.search).has('run')) {
  await trainBy(location.search);
} else {
  if (recorded) {
    const { adapter, rows, seeds } = recorded;
    showRows(rows, `Recorded by npm run train on ${adapter}, with ${seeds.length} seeds`);
  }
  await makeLive(recorded?.rows ?? []);
}
