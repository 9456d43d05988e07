import { MODES } from './modes.ts';
import type { ModeId } from './modes.ts';
import { NEUTRAL } from './parameters.ts';
import type { Parameters } from './parameters.ts';

/** Pictures of the batch. */
export const PLACES = 4;

/** All that a visitor can choose, but for the pictures themselves. */
export interface State extends Parameters {
  mode: ModeId;
  /** The picture that is shown, by its place in the batch. */
  place: number;
  /** The picture that AdaIN takes statistics from. */
  style: number;
  /** Of what is γ · x̂ + β: whether black and white are −2.5 and 2.5, or 0 and 1 as of a picture. */
  range: 'normalized' | 'picture';
}

/** The mode that an address asks for. */
const asked = MODES.find(({ id }) => `#${id}` === globalThis.location?.hash)?.id;

export const START: State = { ...NEUTRAL, mode: asked ?? 'instance', place: 0, style: 2, range: 'normalized' };
