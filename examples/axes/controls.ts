import type { Store } from '../store.ts';
import { drawCube } from './cube.ts';
import { modeOf, modeOfAxes, MODES } from './modes.ts';
import { channelsPerGroup, GROUPS, sharing } from './sharing.ts';
import { sharingIn } from './state.ts';
import type { State } from './state.ts';
import { AXES, SIZES } from './tensor.ts';
import type { Axis } from './tensor.ts';

/** What a visitor chooses with: each control sets the state, and shows it. */

const WORDS: Record<Axis, string> = { N: 'samples', C: 'channels', H: 'rows', W: 'columns' };

const element = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;

/** Builds the controls; what it returns shows a state on them. */
export function makeControls(store: Store<State>): (state: State) => void {
  const shows = [makeModes(store), makeAxes(store), makeGroups(store), makeBatch(store), makeChoices(store)];
  return (state) => {
    for (const show of shows) show(state);
    element('note').textContent = noteOf(state);
  };
}

function makeModes(store: Store<State>): (state: State) => void {
  const labels = MODES.map(({ id, title }) => {
    const label = document.createElement('label');
    label.className = 'mode';
    label.innerHTML = `<input type="radio" name="mode" value="${id}" /><span class="drawing"></span><span>${title.replace('Norm', '<wbr />Norm')}</span>`;
    label.addEventListener('change', () => store.set({ mode: id }));
    return label;
  });
  element('modes').append(...labels);
  return (state) => {
    for (const [at, { id }] of MODES.entries()) {
      labels[at]!.querySelector('input')!.checked = id === state.mode;
      labels[at]!.querySelector('.drawing')!.innerHTML = drawCube(sharingIn({ ...state, mode: id }), state.batch);
    }
  };
}

/** A button an axis: pressed, or where groups take some of the channels together, half pressed. */
function makeAxes(store: Store<State>): (state: State) => void {
  const buttons = AXES.map((axis) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.innerHTML = `<b>${axis}</b><span> ${WORDS[axis]}</span>`;
    button.addEventListener('click', () => {
      const by = sharingIn(store.state);
      const axes = sharing(
        by.groups > 1 && axis === 'C' ? by.axes : AXES.filter((one) => by.axes.includes(one) !== (one === axis)),
      ).axes;
      if (axes.length > 0) store.set({ mode: modeOfAxes(axes), axes });
    });
    return button;
  });
  element('axes').append(...buttons);
  return (state) => {
    const by = sharingIn(state);
    for (const [at, axis] of AXES.entries()) {
      const pressed = axis === 'C' && by.groups > 1 ? 'mixed' : String(by.axes.includes(axis));
      const last = pressed === 'true' && by.axes.length === 1;
      buttons[at]!.setAttribute('aria-pressed', pressed);
      buttons[at]!.setAttribute('aria-disabled', String(last));
      buttons[at]!.title = last ? 'One axis at least: an element alone has no deviation' : '';
    }
  };
}

function makeGroups(store: Store<State>): (state: State) => void {
  const slider = element<HTMLInputElement>('groups');
  slider.addEventListener('input', () => store.set({ mode: 'group', groups: GROUPS[Number(slider.value)]! }));
  return (state) => {
    const groups = { layer: 1, instance: SIZES.C }[state.mode as string] ?? state.groups;
    const each = channelsPerGroup({ axes: [], groups });
    const words = `${groups} group${groups === 1 ? '' : 's'} of ${each} channel${each === 1 ? '' : 's'}`;
    slider.value = String(GROUPS.indexOf(groups));
    slider.setAttribute('aria-valuetext', words);
    element('groups-said').textContent = String(groups);
  };
}

function makeBatch(store: Store<State>): (state: State) => void {
  const slider = element<HTMLInputElement>('batch');
  slider.addEventListener('input', () => store.set({ batch: Number(slider.value) }));
  return ({ batch }) => {
    slider.value = String(batch);
    element('batch-said').textContent = String(batch);
  };
}

function makeChoices(store: Store<State>): (state: State) => void {
  const names = ['statistic', 'shown', 'layout'] as const;
  const radios = names.flatMap((name) => [...document.querySelectorAll<HTMLInputElement>(`input[name="${name}"]`)]);
  for (const radio of radios) {
    radio.addEventListener('change', () => store.set({ [radio.name]: radio.value }));
  }
  const marked = element<HTMLInputElement>('marked');
  marked.addEventListener('change', () => store.set({ marked: marked.checked }));
  return (state) => {
    for (const radio of radios) radio.checked = state[radio.name as (typeof names)[number]] === radio.value;
    marked.checked = state.marked;
  };
}

/** What is worth knowing about a setting. */
function noteOf({ mode, groups, batch, statistic, axes }: State): string {
  if (statistic === 'sum')
    return 'Every group becomes shares of one: no mean is taken off, and there are no parameters.';
  if (mode === 'group' && groups === 1) return 'One group of all channels: the statistics are those of LayerNorm.';
  if (mode === 'group' && groups === SIZES.C) return 'As many groups as channels: this is InstanceNorm.';
  if (mode === 'batch' && batch === 1) return 'A batch of one: the statistics are those of InstanceNorm.';
  if (mode === 'activation' && batch === 1) return 'Each element is its own mean: whatever it was, it becomes 0.';
  if (mode === 'free' && axes.join() === 'C') return 'The channels of each position: LayerNorm as transformers use it.';
  return modeOf(mode).note;
}
