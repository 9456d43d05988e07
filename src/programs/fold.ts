/**
 * Branches that constants decide, taken before a compiler sees them: `if (HAS_GATE) { … } else { … }` becomes the one block or the
 * other. A GPU's compiler does as well; that of a software adapter keeps both.
 */

const CONSTANT = /^const (\w+) ?= ?(\w+);$/gm;
const BRANCH = /\bif ?\(/;
const ELSE = / ?else ?/y;
/** A block, not another branch, that ends in a return. */
const RETURNING = /^\{[^]*\breturn\b[^;]*;\s*\}$/;

/** A text without the branches whose conditions follow from constants that it declares. */
export function folded(text: string): string {
  const constants = new Map([...text.matchAll(CONSTANT)].map(([, name, value]) => [name!, value!]));
  let [done, rest] = ['', text];
  for (let found = BRANCH.exec(rest); found; found = BRANCH.exec(rest)) {
    const asked = found.index + found[0].length;
    const answered = closing(rest, asked);
    const open = rest.indexOf('{', answered);
    const isTrue = decided(rest.slice(asked, answered), constants);
    const begin = isTrue === undefined ? open : found.index;
    done += rest.slice(0, begin);
    if (isTrue === undefined) {
      rest = rest.slice(begin);
      continue;
    }
    const then = block(rest, open);
    const start = elseAt(rest, then.end);
    const otherwise = start === undefined ? null : chain(rest, start);
    const isElse = /\belse ?$/.test(done);
    const taken = isTrue ? then.text : (otherwise?.text ?? (isElse ? '{}' : ''));
    const after = rest.slice(otherwise?.end ?? then.end);
    // What follows a return is not reached, of which compilers would warn.
    rest = taken + (RETURNING.test(taken) && !isElse ? after.slice(closing(after, 0)) : after);
  }
  return done + rest;
}

/** The answer of a condition whatever its numbers are at run time; undefined where that depends on them. */
function decided(condition: string, constants: ReadonlyMap<string, string>): boolean | undefined {
  const valueOf = (word: string): string => (constants.has(word) ? valueOf(constants.get(word)!) : word);
  const term = (text: string): boolean | undefined => {
    const [, left, operator, right] = /^(\w+) ?(==|>) ?(\w+)$/.exec(text) ?? [];
    if (operator !== undefined) {
      const [a, b] = [valueOf(left!), valueOf(right!)].map(numberOf);
      return a === undefined || b === undefined ? undefined : operator === '==' ? a === b : a > b;
    }
    const value = valueOf(text.replace(/^!/, ''));
    return value === 'true' || value === 'false' ? (value === 'true') !== text.startsWith('!') : undefined;
  };
  const all = (text: string): boolean | undefined => {
    const terms = text.split(/ ?&& ?/).map(term);
    return terms.includes(false) ? false : terms.includes(undefined) ? undefined : true;
  };
  const any = condition.split(/ ?\|\| ?/).map(all);
  return any.includes(true) ? true : any.includes(undefined) ? undefined : false;
}

function numberOf(word: string): number | undefined {
  return /^\d+u$/.test(word) ? Number.parseInt(word, 10) : undefined;
}

interface Piece {
  text: string;
  end: number;
}

/** The block that a brace opens. */
function block(text: string, open: number): Piece {
  const end = closing(text, open + 1) + 1;
  return { text: text.slice(open, end), end };
}

/** Where what follows an `else` begins, if one follows a block. */
function elseAt(text: string, end: number): number | undefined {
  ELSE.lastIndex = end;
  return ELSE.test(text) ? ELSE.lastIndex : undefined;
}

/** The piece after an `else`: a block, or another branch with all that follows it. */
function chain(text: string, start: number): Piece {
  let { end } = block(text, text.indexOf('{', start));
  for (let next = elseAt(text, end); next !== undefined; next = elseAt(text, end)) {
    ({ end } = block(text, text.indexOf('{', next)));
  }
  return { text: text.slice(start, end), end };
}

/** Where the brace or parenthesis is that closes what a text is inside of from some index on. */
function closing(text: string, start: number): number {
  let depth = 0;
  for (let index = start; index < text.length; index++) {
    if ('{('.includes(text[index]!)) depth++;
    else if ('})'.includes(text[index]!) && depth-- === 0) return index;
  }
  return text.length;
}
