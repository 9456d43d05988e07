import type { Store } from '../store.ts';
import { format } from './format.ts';
import { canGiveBack, isOverBatch, modeOf, MODES } from './modes.ts';
import { NEUTRAL } from './parameters.ts';
import type { State } from './state.ts';

/** What a visitor chooses with, beside the pictures: each control sets the state, and shows it. */

const element = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;
const COLOURS = ['red', 'green', 'blue'] as const;

/** Builds the controls; what it returns shows a state on them. */
export function makeControls(store: Store<State>): (state: State) => void {
  const shows = [makeModes(store), makeAffine(store), makeAlpha(store), makeRange(store)];
  return (state) => {
    for (const show of shows) show(state);
  };
}

function makeModes(store: Store<State>): (state: State) => void {
  const inputs = MODES.map(({ id, title }) => {
    const label = document.createElement('label');
    label.innerHTML = `<input type="radio" name="mode" value="${id}" />${title}`;
    // Another layer begins with γ and β of its own.
    label.addEventListener('change', () => store.set({ mode: id, ...NEUTRAL, range: 'normalized' }));
    element('modes').append(label);
    return label.querySelector('input')!;
  });
  return ({ mode }) => {
    for (const input of inputs) input.checked = input.value === mode;
  };
}

const AFFINE = [
  { key: 'gamma', letter: 'γ', least: 0, most: 2 },
  { key: 'beta', letter: 'β', least: -1, most: 1 },
] as const;

/** A slider for γ and for β of each colour. */
function makeAffine(store: Store<State>): (state: State) => void {
  const alike = element<HTMLInputElement>('alike');
  const rows = COLOURS.map((colour, channel) => {
    const row = document.createElement('div');
    row.className = 'row';
    row.innerHTML = `<span class="${colour}">${colour}</span>`;
    const sliders = AFFINE.map(({ key, letter, least, most }) => {
      const label = document.createElement('label');
      label.innerHTML = `<span><i>${letter}</i><span class="unseen"> of ${colour}</span> <output></output></span><input type="range" min="${least}" max="${most}" step="0.01" name="${key}-${colour}" />`;
      const slider = label.querySelector('input')!;
      slider.addEventListener('input', () => {
        const value = Number(slider.value);
        store.set({ [key]: store.state[key].map((own, at) => (alike.checked || at === channel ? value : own)) });
      });
      row.append(label);
      return { key, slider, output: label.querySelector('output')! };
    });
    element('channels').append(row);
    return sliders;
  });
  const backSaid = [...element('back-said').querySelectorAll('p')];
  alike.addEventListener('change', () => {
    const { gamma, beta } = store.state;
    if (alike.checked) store.set({ gamma: gamma.map(() => gamma[0]!), beta: beta.map(() => beta[0]!) });
  });
  element('begin').addEventListener('click', () => {
    store.set({ gamma: NEUTRAL.gamma, beta: NEUTRAL.beta, range: 'normalized' });
  });
  return (state) => {
    const mode = modeOf(state.mode);
    element('affine').hidden = !mode.affine;
    element('none').hidden = mode.affine || mode.id === 'adain';
    element('adain').hidden = mode.id !== 'adain';
    element<HTMLButtonElement>('back').disabled = !canGiveBack(mode);
    const when = !canGiveBack(mode) ? 'never' : isOverBatch(mode) ? 'batch' : 'picture';
    for (const words of backSaid) words.hidden = words.dataset['when'] !== when;
    rows.forEach((sliders, channel) => {
      for (const { key, slider, output } of sliders) {
        const value = state[key][channel]!;
        slider.value = String(value);
        slider.setAttribute('aria-valuetext', format(value));
        output.textContent = value.toFixed(2).replace('-', '−');
      }
    });
  };
}

function makeAlpha(store: Store<State>): (state: State) => void {
  const slider = element<HTMLInputElement>('alpha');
  slider.addEventListener('input', () => store.set({ alpha: Number(slider.value) }));
  return ({ alpha }) => {
    slider.value = String(alpha);
    element('alpha-said').textContent = alpha.toFixed(2);
  };
}

function makeRange(store: Store<State>): (state: State) => void {
  const radios = [...document.querySelectorAll<HTMLInputElement>('input[name="range"]')];
  for (const radio of radios) {
    radio.addEventListener('change', () => store.set({ range: radio.value as State['range'] }));
  }
  return ({ range }) => {
    for (const radio of radios) radio.checked = radio.value === range;
  };
}
