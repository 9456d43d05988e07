/** A text longer than this is cut where it is shown, a list with more elements only counted. */
const LONGEST_TEXT = 40;
const LONGEST_LIST = 8;

/** What was given, for a message: its type, and its value where that is short. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return `${quote(value)}, a string`;
  if (typeof value === 'bigint') return `${value}n, a bigint`;
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return describeList(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const name = className(value);
  return `${/^[AEIO]/i.test(name) ? 'an' : 'a'} ${name}`;
}

/** The built-in kind of an object, which is the same in every realm: `'Float32Array'`, also of one from another window. */
export function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** Whether it is a Promise, or whatever else can be awaited. */
export function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** A text in a list of sizes must not look like a number. */
function describeList(list: readonly unknown[]): string {
  const short =
    list.length <= LONGEST_LIST && list.every((item) => typeof item === 'number' || typeof item === 'string');
  return short
    ? `[${list.map((item) => (typeof item === 'string' ? quote(item) : item)).join(',')}]`
    : `a list of ${list.length}`;
}

function quote(text: string): string {
  return `'${text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text}'`;
}

/** That of the prototype: an object may have an own entry `constructor`. */
function className(value: object): string {
  const made = (Object.getPrototypeOf(value) as { constructor?: unknown } | null)?.constructor;
  const name = typeof made === 'function' ? made.name : '';
  return name === 'Object' || name === '' ? 'object' : name;
}
