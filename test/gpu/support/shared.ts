import { runtime } from '../../setup/gpu.ts';

/**
 * The cases of a long sweep that this runtime takes, with their turns. Chromium and Dawn have one compiler and one driver, so
 * they share sweeps out: every other case to each, none left out.
 */
export function share(names: readonly string[], first = 0): { name: string; turn: number }[] {
  const odd = runtime === 'Dawn' ? 0 : 1;
  return names.map((name, turn) => ({ name, turn })).filter(({ turn }) => (first + turn) % 2 === odd);
}
