import { runOf } from './experiment.ts';
import { NORM_NAMES } from './settings.ts';
import type { Choice, Norm, Run } from './settings.ts';

/** What a visitor chooses. */

const form = document.getElementById('settings') as HTMLFormElement;
const fields = document.getElementById('fields') as HTMLFieldSetElement;
const note = document.getElementById('note')!;

const NOTES: Record<Norm, string> = {
  none: 'Nothing stands at the places of the normalizations.',
  batch: 'In training each channel has the mean and the deviation of the batch, in the test the running ones.',
  layer: 'Each picture has a mean and a deviation of its own, over all channels: the other pictures do not matter.',
  group: 'Four groups of channels, each with a mean and a deviation for each picture: the others do not matter.',
  instance: 'Each channel of each picture has a mean and a deviation of its own: the other pictures do not matter.',
};

/** Tells of every change, and shows what it comes to. */
export function makeChoices(changed: (run: Run) => void): void {
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('input', () => {
    show();
    if (form.checkValidity()) changed(chosenRun());
  });
  show();
}

/** While something is trained, nothing else is chosen. */
export function lockChoices(locked: boolean): void {
  fields.disabled = locked;
}

/** Whether all that is chosen can be trained; where not, the browser says why. */
export const choicesHold = (): boolean => form.reportValidity();

export const chosenRun = (): Run => runOf('full', choiceIn(form));

function choiceIn(given: HTMLFormElement): Choice {
  const valueOf = (name: string): string => (given.elements.namedItem(name) as RadioNodeList | HTMLInputElement).value;
  return {
    experiment: valueOf('experiment') as Choice['experiment'],
    norm: valueOf('norm') as Norm,
    dtype: valueOf('dtype') as Choice['dtype'],
    batchSize: Number(valueOf('batch')),
    seed: Number(valueOf('seed')),
  };
}

/** Networks cannot take everything: sigmoids have no positions, and the batches of convolutions are powers of two. */
function show(): void {
  const radio = (name: string, value: string): HTMLInputElement =>
    form.querySelector<HTMLInputElement>(`[name="${name}"][value="${value}"]`)!;
  const sigmoid = radio('experiment', 'sigmoid').checked;
  allow(radio('norm', 'instance'), !sigmoid, radio('norm', 'batch'));
  allow(radio('batch', '60'), sigmoid, radio('batch', '32'));
  const { steps, learningRate, norm, dtype } = chosenRun();
  const missing = sigmoid ? ' InstanceNorm needs positions.' : '';
  const halves = dtype === 'f32' ? '' : ` x, y and their gradients are ${dtype}.`;
  note.textContent = `${NOTES[norm]}${missing}${halves} ${steps} steps, learning rate ${Number(learningRate.toPrecision(3))}.`;
}

function allow(radio: HTMLInputElement, allowed: boolean, instead: HTMLInputElement): void {
  radio.disabled = !allowed;
  if (!allowed && radio.checked) instead.checked = true;
}

/** `BatchNorm, batches of 32, f32, seed 1` */
export const inShort = ({ norm, batchSize, dtype, seed }: Run): string =>
  `${norm === 'none' ? 'no normalization' : NORM_NAMES[norm]}, batches of ${batchSize}, ${dtype}, seed ${seed}`;
