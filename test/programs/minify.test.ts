import { describe, expect, it, vi } from 'vitest';
import { packagedShaders } from '../../build/shaders.ts';
import type { Pass } from '../../src/plan/plan.ts';
import { link } from '../../src/programs/link.ts';
import { sourceOf, specializedSourceOf } from '../../src/programs/source.ts';
import { shaders } from '../../src/programs/shaders.ts';
import { everyPlan } from '../plan/every-plan.ts';

const imageShaders = import.meta.glob<string>(['../../shaders/images/**/*.wgsl', '../../shaders/storage/*f16.wgsl'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** Passes, until every kernel has been with each choice of a file and each constant that it is ever with. */
const passes: Pass[] = [];
const met = new Set<string>();
for (const { plan } of everyPlan()) {
  for (const pass of plan.passes) {
    const { kernel, choose, constants } = pass;
    const parts = [...Object.entries(choose).map(String), ...Object.keys(constants)].map((part) => `${kernel} ${part}`);
    if (parts.every((part) => met.has(part))) continue;
    for (const part of parts) met.add(part);
    passes.push(pass);
  }
}

/** The words and signs of a text, without comments; a comma before a bracket means nothing. */
function read(text: string): string[] {
  const signs = text.replaceAll(/\/\/.*/g, '').match(/\w+|[^\w\s]/g) ?? [];
  return signs.filter((sign, index) => sign !== ',' || !/[)}]/.test(signs[index + 1] ?? ''));
}

const known = new Map<string, string[]>();

/** The declarations of a program, each a list of words and signs. */
function declarations(text: string): string[][] {
  const texts = text.replaceAll(/(@\w+(?:\([\w, ]+\))?)\s+fn /g, '$1 fn ').split(/\n(?=[^\s)}])/);
  return texts
    .map((one) => {
      if (!known.has(one)) known.set(one, read(one));
      return known.get(one)!;
    })
    .filter((words) => words.length > 0);
}

const isName = (word: string): boolean => /^[A-Za-z_]/.test(word);

/** What a declaration of a program declares. */
function declared(words: readonly string[]): string | undefined {
  const start = words.findIndex((word) => /^(?:fn|struct|const|alias|override|var)$/.test(word));
  return words[start + 1] === '<' ? words[words.indexOf('>') + 1] : words[start + 1];
}

/**
 * What renames the words of a declaration to those of another, members (those after a dot, and in a struct before a colon) apart from other
 * names. Fails where no renaming does, or one that makes two names one.
 */
function renaming(from: readonly string[], to: readonly string[]): Map<string, string> {
  const fail = (): void => expect(to.join(' '), 'a renaming of').toBe(from.join(' '));
  if (to.length !== from.length) fail();
  const [there, back] = [new Map<string, string>(), new Map<string, string>()];
  for (const [index, word] of from.entries()) {
    const other = to[index]!;
    const isMember = from[index - 1] === '.' || (from[0] === 'struct' && from[index + 1] === ':');
    const kind = isMember && isName(word) ? '.' : '';
    if ((!isName(word) || !isName(other)) && other !== word) fail();
    if ((there.get(kind + word) ?? other) !== other || (back.get(kind + other) ?? word) !== word) fail();
    there.set(kind + word, other);
    back.set(kind + other, word);
  }
  return there;
}

/** Fails unless a program is another but for its names: those of the whole text and of members alike everywhere, those of functions in each by itself. */
function expectSame(whole: string, short: string): void {
  const [from, to] = [declarations(whole), declarations(short)];
  expect(to.length).toBe(from.length);
  const globals = new Map(from.map((words, index) => [declared(words), declared(to[index]!)]));
  const members = new Map<string, string>();
  for (const [index, words] of from.entries()) {
    const locals = new Set(
      words.filter(
        (_, at) => words[0] !== 'struct' && (/^(?:let|var|const)$/.test(words[at - 1]!) || words[at + 1] === ':'),
      ),
    );
    for (const [word, other] of renaming(words, to[index]!)) {
      if (word.startsWith('.') && isName(word.slice(1))) {
        expect(members.get(word) ?? other).toBe(other);
        members.set(word, other);
        // Of a vector, and of what src/programs declares.
      } else if (!locals.has(word)) expect(other).toBe(globals.get(word) ?? word);
    }
  }
  expect(new Set(members.values()).size).toBe(members.size);
  for (const [member, other] of members) if (/^\.[xyzw]{1,4}$/.test(member)) expect(`.${other}`).toBe(member);
}

describe('shaders as the package has them', () => {
  it('make the same programs, but for names', () => {
    const packaged = packagedShaders();
    const whole = passes.map((pass) => [sourceOf(pass), specializedSourceOf(pass)]);
    const read = vi.spyOn(shaders, 'get').mockImplementation((path) => packaged.get(path));
    const short = passes.map((pass) => [sourceOf(pass), specializedSourceOf(pass)]);
    read.mockRestore();
    for (const [index, texts] of whole.entries()) {
      for (const [which, text] of texts.entries()) expectSame(text, short[index]![which]!);
    }
    expect(whole.length).toBeGreaterThan(90);
  }, 180_000);

  it('make the same programs of images, but for names', () => {
    const whole = new Map(
      Object.entries(imageShaders).map(([path, text]) => [/shaders\/(.*)\.wgsl/.exec(path)![1]!, text]),
    );
    const packaged = packagedShaders();
    for (const dtype of ['f32', 'f16', 'bf16']) {
      for (const [source, sampling, filter] of [
        ['texture', 'exact', 'bilinear'],
        ['external', 'filtered', 'bicubic'],
      ]) {
        const choose = { source, sampling, filter, numbers: dtype };
        const choices = Object.fromEntries(Object.entries(choose).map(([folder, file]) => [`images/${folder}`, file!]));
        const reading = dtype === 'f32' ? 'images/from_pixels' : 'images/from_pixels_halves';
        for (const root of [reading, 'images/to_pixels']) {
          const [from, to] = [whole, packaged].map((files) => link(files, root, choices, () => 'const AT_ONCE = 4u;'));
          expectSame(from!, to!);
          expect(to).toMatch(root === reading ? /fn main\(/ : /@vertex\s*fn \w+\(/);
        }
      }
    }
  });

  it('are little more than half as long', () => {
    const length = (files: Iterable<string>): number => [...files].join('').replaceAll(/\/\/.*/g, '').length;
    expect(length(packagedShaders().values())).toBeLessThan(0.6 * length(shaders.values()));
  });
});
