import type { Case } from '../cases/case.ts';
import { CASES } from '../cases/cases.ts';
import { GPU_CASES } from '../cases/gpu.ts';
import { GROWTH } from '../cases/growth.ts';
import { HOST_CALLS } from '../cases/host.ts';
import type { HostCall } from '../cases/host.ts';
import { shortened, SITTINGS } from '../cases/shapes.ts';
import type { Sitting } from '../cases/shapes.ts';
import { BASELINE, OURS, SHAPE_NAMES } from '../libraries/names.ts';
import { OTHER_WAYS } from '../libraries/ways.ts';

export interface Chosen<Named = Case> {
  cases: readonly Named[];
  /** By name. */
  libraries: readonly string[];
}

/**
 * The cases and libraries that the words name: by a whole name, else by a part of it, in capitals or not. Where no word names a case
 * all are meant, and likewise libraries; the copy always takes part.
 *
 * @throws Error with one line that says what there is, where a word names nothing.
 */
export function choose(
  words: readonly string[],
  libraries: readonly string[],
  { quick, growth }: { quick: boolean; growth: boolean },
): Chosen {
  const cases = [...CASES, ...(growth ? GROWTH : [])];
  const inQuick = (found: readonly Case[]): readonly Case[] => {
    const short = found.filter((of) => of.quick);
    return quick && short.length > 0 ? short : found;
  };
  return chooseAmong(words, cases, libraries, inQuick);
}

/** The same of calls that fill a large GPU. */
export function chooseForGpu(words: readonly string[]): Chosen {
  return chooseAmong(words, GPU_CASES, ON_GPU, (found) => found);
}

/** On a large GPU webgpu-norm is compared with a copy, and with itself. */
const ON_GPU = [BASELINE, OURS, ...OTHER_WAYS.map(({ name }) => name)];

/** The same of sittings, and of those libraries that take any shape. */
export function chooseSittings(
  words: readonly string[],
  libraries: readonly string[],
  quick: boolean,
): Chosen<Sitting> {
  const sittings = quick ? SITTINGS.map(shortened) : SITTINGS;
  const able = libraries.filter((name) => SHAPE_NAMES.includes(name));
  return chooseAmong(words, sittings, able, (found) => found);
}

/** Those of the calls whose host time is told. */
export function chooseHostCalls(words: readonly string[]): readonly HostCall[] {
  return chooseAmong(words, HOST_CALLS, [], (found) => found).cases;
}

function chooseAmong<Named extends { name: string }>(
  words: readonly string[],
  cases: readonly Named[],
  libraries: readonly string[],
  inQuick: (found: readonly Named[]) => readonly Named[],
): Chosen<Named> {
  const namedCases = new Set<Named>();
  const namedLibraries = new Set<string>();
  for (const word of words) {
    const wholeCase = cases.filter(({ name }) => name === word);
    const wholeLibrary = libraries.filter((name) => name === word);
    const whole = wholeCase.length + wholeLibrary.length > 0;
    const foundCases = whole ? wholeCase : inQuick(cases.filter(({ name }) => contains(name, word)));
    const foundLibraries = whole ? wholeLibrary : libraries.filter((name) => contains(name, word));
    if (foundCases.length + foundLibraries.length === 0) {
      throw new Error(
        `'${word}' names no case or library; there are the libraries ${libraries.join(', ')} and the cases ${namesOf(cases)}`,
      );
    }
    for (const found of foundCases) namedCases.add(found);
    for (const found of foundLibraries) namedLibraries.add(found);
  }
  return {
    cases: namedCases.size > 0 ? cases.filter((of) => namedCases.has(of)) : inQuick(cases),
    libraries: libraries.filter((name) => namedLibraries.size === 0 || namedLibraries.has(name) || name === BASELINE),
  };
}

function contains(name: string, part: string): boolean {
  return name.toLowerCase().includes(part.toLowerCase());
}

/** One for each series of growth: they are many. */
function namesOf(cases: readonly { name: string }[]): string {
  return [...new Set(cases.map(({ name }) => name.replace(/^((growth|aspect) \w+) .*/, '$1 …')))].join('; ');
}
