import type { Results } from '../analysis/results.ts';
import { show } from './view.ts';

/** The page that a run leaves behind: its results are in it. */

show(document.getElementById('report')!, JSON.parse(document.getElementById('results')!.textContent!) as Results);
