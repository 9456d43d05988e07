import { choicesHold, chosenRun, inShort, lockChoices, makeChoices } from './choices.ts';
import { drawLive } from './live-charts.ts';
import { inWords, openTrainer, whyNot } from './open-trainer.ts';
import type { OpenTrainer } from './open-trainer.ts';
import type { Listener, Row, Run } from './settings.ts';
import { formatPercent } from './summary.ts';

/** Training in a worker: started, paused, resumed and reset. */

type State = 'ready' | 'busy' | 'pausing' | 'paused' | 'stopping' | 'done' | 'error' | 'none';

const element = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;
const page = document.documentElement;
const [start, reset] = [element<HTMLButtonElement>('start'), element<HTMLButtonElement>('reset')];
const progress = element<HTMLProgressElement>('progress');

/** What the first button does next. */
const START: Record<State, string> = {
  ready: 'Start',
  busy: 'Pause',
  pausing: 'Pausing …',
  paused: 'Go on',
  stopping: 'Stopping …',
  done: 'Train again',
  error: 'Try again',
  none: 'Start',
};

let recorded: readonly Row[] = [];
let rows: Row[] = [];
let trainer: OpenTrainer | undefined;
/** At first it is not known whether anything can be trained. */
let state: State = 'none';
/** What is said while it trains. */
let training = '';

function enter(next: State, words?: string): void {
  state = next;
  const active = ['busy', 'pausing', 'paused', 'stopping'].includes(state);
  page.dataset['state'] = state;
  start.textContent = START[state];
  start.disabled = state === 'none';
  if (!active && document.activeElement === reset && rows.length === 0) start.focus();
  reset.disabled = !active && rows.length === 0;
  lockChoices(active);
  if (words === undefined) return;
  element('status').textContent = words;
  element('status').classList.toggle('none', state === 'error' || state === 'none');
}

function draw(run: Run): void {
  drawLive(run, rows, recorded);
  const latest = rows.at(-1);
  progress.value = (latest?.step ?? 0) / run.steps;
  element('where').textContent = latest
    ? `Step ${latest.step} of ${run.steps}: loss ${latest.loss.toFixed(4)}, test error ${formatPercent(latest.testError)}`
    : '';
}

function clear(run: Run): void {
  rows = [];
  draw(run);
}

async function train(run: Run): Promise<void> {
  clear(run);
  enter('busy', 'Loading and compiling …');
  const listener: Listener = {
    began: (adapter, difference) => {
      const agreement = `; y and gradients agree with TensorFlow.js’s to ${difference.toExponential(0)}`;
      training = `Training on ${adapter}${run.norm === 'none' ? '' : agreement}.`;
      if (state === 'busy') enter('busy', training);
    },
    sampled: (row) => {
      rows.push(row);
      draw(run);
    },
    halted: (step) => {
      if (state === 'pausing') enter('paused', `Paused after step ${step} of ${run.steps}.`);
    },
  };
  try {
    trainer ??= openTrainer();
    const ended = await trainer.train(run, listener);
    if (ended && state !== 'stopping') enter('done', `Done: ${inShort(run)}.`);
    else backToStart();
  } catch (problem) {
    trainer?.close();
    trainer = undefined;
    enter('error', `The training failed: ${inWords(problem)}.`);
  }
}

function backToStart(): void {
  clear(chosenRun());
  enter('ready', 'Ready: the same seed gives the same training.');
}

const ACTIONS: Partial<Record<State, () => void>> = {
  busy: () => {
    enter('pausing');
    trainer?.pause();
  },
  paused: () => {
    enter('busy', training);
    trainer?.resume();
  },
};

function act(): void {
  if (state === 'pausing' || state === 'stopping') return;
  const action = ACTIONS[state];
  if (action) action();
  else if (choicesHold()) void train(chosenRun());
}

function stop(): void {
  if (['busy', 'pausing', 'paused'].includes(state)) {
    enter('stopping');
    trainer?.stop();
  } else if (state !== 'stopping') backToStart();
}

/** Makes the part of the page that trains; what was recorded is drawn behind what is trained. */
export async function makeLive(known: readonly Row[]): Promise<void> {
  recorded = known;
  makeChoices((run) => {
    clear(run);
    if (state !== 'none') enter('ready', 'Ready.');
  });
  draw(chosenRun());
  start.addEventListener('click', act);
  reset.addEventListener('click', stop);
  const reason = await whyNot();
  if (reason) enter('none', `Nothing can be trained here: ${reason}. What was recorded is drawn.`);
  else enter('ready', 'Ready: a worker of this page trains on your GPU.');
}
