import { showComparison } from './comparison-table.ts';
import { inWords, openTrainer, whyNot } from './open-trainer.ts';
import { trainWanted } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { wantedBy } from './query.ts';
import type { Wanted } from './query.ts';
import { showRows } from './recorded.ts';
import type { Row, Stored } from './settings.ts';

/** Both experiments, as `npm run train` asks for them by the address, see {@link wantedBy}. */

interface Remote {
  reportProgress?: (progress: { done: number; dtype: Stored; row: Row }) => void;
  results?: Outcome & { adapter: string; difference: number; seconds: number };
}

const remote = globalThis as Remote;
const page = document.documentElement;
const status = document.getElementById('status')!;
let trainer: ReturnType<typeof openTrainer> | undefined;

/** Trains what an address asks for; again with all kernels compiled. */
export async function trainBy(search: string): Promise<void> {
  page.dataset['state'] = 'busy';
  document.getElementById('live')!.classList.add('scripted');
  try {
    const wanted = wantedBy(search);
    const reason = await whyNot();
    if (reason) throw new Error(reason);
    if (wanted) await trainAll(wanted);
    page.dataset['state'] = 'done';
  } catch (problem) {
    status.textContent = `The training failed: ${inWords(problem)}`;
    page.dataset['state'] = 'error';
  }
}

async function trainAll(wanted: Wanted): Promise<void> {
  const began = performance.now();
  const { extent, seeds, dtype } = wanted;
  const source = `Trained here, ${extent === 'full' ? 'all of it' : `a ${extent} run`}, seeds ${seeds.join(', ')}, stored in ${dtype}`;
  let [adapter, difference] = ['', 0];
  trainer ??= openTrainer();
  showRows([], source);
  showComparison(null);
  const outcome = await trainWanted(
    async (run, report) =>
      trainer!.train(run, {
        began: (name, found) => {
          adapter = name;
          if (run.dtype === dtype) difference = Math.max(difference, found);
        },
        sampled: report,
        halted: () => {},
      }),
    wanted,
    ({ rows, run, done }, row) => {
      showRows(rows, source);
      status.textContent = `Training: ${run.experiment}, ${run.norm} norm, batches of ${run.batchSize}, ${run.dtype}, seed ${run.seed} …`;
      remote.reportProgress?.({ done, dtype: run.dtype, row });
    },
  );
  showComparison(outcome.comparison);
  const seconds = (performance.now() - began) / 1000;
  remote.results = { adapter, difference, seconds, ...outcome };
  status.textContent = `Done on ${adapter}.`;
}
