/**
 * WGSL as short as it may be while programs are still linked of it: no comments, no space, one declaration a line, and short names. A name that
 * any file declares is shortened in the same way in all of them, so that files find each other whichever a pass chooses. Names that
 * src/programs writes or looks for are kept, and so are those that files import from a pass.
 */

const TOKEN =
  /\/\/.*|\s+|[A-Za-z_]\w*|0[xX][\w.]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fhiu]?|[<>=!+\-*/%&|^]=|&&|\|\||->|::|\+\+|--|[^]/g;
const NAME = /^[A-Za-z_]\w*$/;
/** What components of a vector are called. */
const SWIZZLE = /^(?:[xyzw]{1,4}|[rgba]{1,4})$/;
const DECLARING = new Set(['fn', 'struct', 'alias', 'const', 'var', 'let']);
const IMPORT = /^import package::([\w:]+?)::(?:\{([^}]*)\}|(\w+));\n/gm;

/** A file: which files it imports, as text, and the rest as declarations, each a list of tokens. */
interface File {
  imports: string[];
  /** Names that it has from elsewhere, and those of them that a pass declares. */
  imported: Set<string>;
  fromPass: string[];
  declarations: string[][];
}

/** Every file by its path, shortened; `isKept` tells which names stay. */
export function minified(files: ReadonlyMap<string, string>, isKept: (name: string) => boolean): Map<string, string> {
  const parsed = new Map([...files].map(([path, text]) => [path, parse(text)]));
  const all = [...parsed.values()].flatMap(({ declarations }) => declarations);
  const fromPass = new Set([...parsed.values()].flatMap((file) => file.fromPass));
  const mayChange = (name: string): boolean => !isKept(name) && !fromPass.has(name);
  const words = new Set(all.flat());

  const globals = shortNames(
    all.flatMap((tokens) => declaredBy(tokens) ?? []).filter(mayChange),
    all.flat(),
    twoLetters(),
    (short) => words.has(short) || isKept(short) || fromPass.has(short),
  );
  const members = shortNames(
    all.flatMap(membersOf).filter((name) => mayChange(name) && !SWIZZLE.test(name)),
    all.flatMap((tokens) => tokens.filter((_, index) => tokens[index - 1] === '.')),
    oneLetter(),
    (short) => SWIZZLE.test(short),
  );
  // What is a name of the whole text, of this file or of another that it may be linked with, is no local one.
  const isGlobal = new Set([...all.flatMap((tokens) => declaredBy(tokens) ?? []), ...fromPass]);

  const written = ({ imports, imported, declarations }: File): string => {
    const lines = declarations.map((tokens) => {
      const locals = localNames(tokens, globals, (name) => isGlobal.has(name) || imported.has(name));
      const named = tokens.map((token, index) => {
        if (!NAME.test(token)) return token;
        if (isMember(tokens, index)) return members.get(token) ?? token;
        return locals.get(token) ?? globals.get(token) ?? token;
      });
      return joined(named);
    });
    return [...imports, ...lines].map((line) => `${line}\n`).join('');
  };
  return new Map([...parsed].map(([path, file]) => [path, written(file)]));
}

/** The names of a text, without those of its comments. */
export function namesIn(text: string): string[] {
  return tokensOf(text).filter((token) => NAME.test(token));
}

function tokensOf(text: string): string[] {
  return (text.match(TOKEN) ?? []).filter((token) => !/^(?:\s|\/\/)/.test(token));
}

function parse(text: string): File {
  const found = [...text.matchAll(IMPORT)];
  const namesOf = ([, , list, name]: RegExpMatchArray): string[] => (list ?? name!).match(/\w+/g) ?? [];
  const [ofPass, ofFiles] = [true, false].map((pass) => found.filter(([, module]) => (module === 'pass') === pass));
  return {
    imports: ofFiles!.map(([, module]) => `import package::${module}::{};`),
    imported: new Set(found.flatMap(namesOf)),
    fromPass: ofPass!.flatMap(namesOf),
    declarations: declarationsOf(tokensOf(text.replace(IMPORT, ''))),
  };
}

/** A declaration ends with a semicolon or a brace that no other encloses. */
function declarationsOf(tokens: readonly string[]): string[][] {
  const declarations: string[][] = [];
  let [depth, current]: [number, string[]] = [0, []];
  for (const token of tokens) {
    current.push(token);
    if (token === '{') depth++;
    if (token === '}') depth--;
    if (depth > 0 || (token !== ';' && token !== '}')) continue;
    declarations.push(current);
    current = [];
  }
  return declarations;
}

/** What a declaration of the whole text declares; a directive or an override nothing that could have another name. */
function declaredBy(tokens: readonly string[]): string | undefined {
  const start = tokens.findIndex((token) => DECLARING.has(token) || token === 'override' || token === 'enable');
  if (!DECLARING.has(tokens[start]!)) return undefined;
  return tokens[start + 1] === '<' ? tokens[tokens.indexOf('>', start) + 1] : tokens[start + 1];
}

function isMember(tokens: readonly string[], index: number): boolean {
  if (tokens[index - 1] === '.') return true;
  return tokens[0] === 'struct' && tokens[index + 1] === ':';
}

function membersOf(tokens: readonly string[]): string[] {
  return tokens[0] === 'struct' ? tokens.filter((_, index) => tokens[index + 1] === ':') : [];
}

/** Parameters and variables of a function, by their short names, which are nothing else's in it. */
function localNames(
  tokens: readonly string[],
  globals: ReadonlyMap<string, string>,
  isGlobal: (name: string) => boolean,
): Map<string, string> {
  if (!tokens.includes('fn')) return new Map();
  const body = tokens.indexOf('fn') + 2;
  const called = new Set(tokens.filter((_, index) => tokens[index + 1] === '('));
  const declared = tokens.filter((token, index) => {
    if (index <= body || !NAME.test(token) || isGlobal(token) || called.has(token)) return false;
    return /^(?:let|var|const)$/.test(tokens[index - 1]!) || tokens[index + 1] === ':';
  });
  const locals = new Set(declared);
  const others = new Set(
    tokens.flatMap((token, index) =>
      locals.has(token) || isMember(tokens, index) ? [] : [globals.get(token) ?? token],
    ),
  );
  const uses = tokens.filter((_, index) => !isMember(tokens, index));
  // In the order in which they appear: what functions have in common is then called alike.
  return shortNames([...locals], uses, oneLetter(), (short) => others.has(short), false);
}

/** A short name for each of some; the shortest for those used most. */
function shortNames(
  names: readonly string[],
  uses: readonly string[],
  shorts: Iterator<string>,
  isTaken: (short: string) => boolean,
  byUse = true,
): Map<string, string> {
  const count = new Map<string, number>();
  for (const name of uses) count.set(name, (count.get(name) ?? 0) + 1);
  const unique = [...new Set(names)];
  if (byUse) unique.sort((a, b) => (count.get(b) ?? 0) - (count.get(a) ?? 0) || (a < b ? -1 : 1));
  const next = (): string => {
    const short: string = shorts.next().value;
    return isTaken(short) ? next() : short;
  };
  return new Map(unique.map((name) => [name, next()]));
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** Names that no keyword and no function of WGSL has: a letter, or one with a digit. */
function* oneLetter(): Iterator<string> {
  yield* LETTERS;
  for (const letter of LETTERS) for (let digit = 0; digit < 10; digit++) yield `${letter}${digit}`;
}

/** Names that no keyword and no function of WGSL has, nor {@link oneLetter}: a capital letter and another or a digit. */
function* twoLetters(): Iterator<string> {
  for (const first of LETTERS.toUpperCase()) for (const second of `${LETTERS}0123456789`) yield first + second;
}

/** Tokens as a text, with space only where two would be one. */
function joined(tokens: readonly string[]): string {
  const lines: string[] = [];
  for (const token of tokens) {
    const last = lines.at(-1) ?? '';
    const touches = /\w$/.test(last) && /^\w/.test(token);
    // `a - -b` and `a & &b`.
    lines.push(touches || (/^[-+&/]/.test(token) && last.endsWith(token[0]!)) ? ` ${token}` : token);
  }
  return lines.join('');
}
