import { brandedType } from './brand.ts';
import type { Brand } from './brand.ts';

/** A text longer than this is cut, and so is a list with more elements. */
const LONGEST_TEXT = 40;
const LONGEST_LIST = 8;

/** A value in a message: numbers as they are, text in quotes, a short list by its elements, all else by its type. */
export function formatValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `the text ${quote(value)}`;
    case 'bigint':
      return `${value}n (a BigInt)`;
    case 'symbol':
      return 'a Symbol';
    case 'object':
    case 'function':
      return value === null ? 'null' : formatObject(value);
    default:
      return String(value);
  }
}

/** A value where text was expected, one name of several: then text needs quotes only. */
export function formatName(value: unknown): string {
  return typeof value === 'string' ? `'${cut(value)}'` : formatValue(value);
}

/** A list in a message, where text must not look like a number. */
export function formatList(values: readonly unknown[]): string {
  const first = Array.from(values.slice(0, LONGEST_LIST), (value) =>
    typeof value === 'string' ? quote(value) : formatValue(value),
  );
  return `[${first.join()}${values.length > LONGEST_LIST ? ',…' : ''}]`;
}

export function withArticle(name: string): string {
  return `${/^[aeio]/i.test(name) ? 'an' : 'a'} ${name}`;
}

/** The built-in type of a value, which is the same in every realm: `'Float32Array'`, also of one from another window. */
export function builtInType(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

/** Whether a value is a Promise, or whatever else can be awaited. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

function formatObject(value: object): string {
  const named = withArticle(typeName(value));
  if (isPromise(value)) return `${named} (await it first)`;
  if (Array.isArray(value) && isShort(value)) return formatList(value);
  const isList = Array.isArray(value) || ArrayBuffer.isView(value);
  return isList && 'length' in value ? `${named} of ${String(value.length)}` : named;
}

function isShort(list: readonly unknown[]): boolean {
  return list.length <= LONGEST_LIST && list.every((item) => typeof item === 'number' || typeof item === 'string');
}

/** The name that a class may say of itself. */
interface Class {
  name?: unknown;
  brand?: Partial<Brand>;
}

/** The type of an object, of ours, of WebGPU, of JavaScript or a class of somebody's: that of the prototype, whatever entry `constructor` it has. */
function typeName(value: object): string {
  const type = builtInType(value);
  if (type === 'Function') return 'function';
  // Deno says so of what is one of the kinds of it, a GPUDevice.
  if (type !== 'Object' && type !== 'EventTarget') return type;
  const prototype = Object.getPrototypeOf(value) as { constructor?: Class | null } | null;
  const branded = brandedType(prototype?.constructor);
  if (branded !== null) return branded;
  const name = prototype?.constructor?.name;
  return typeof name === 'string' && name !== '' && name !== 'Object' ? name : 'object';
}

function quote(text: string): string {
  return JSON.stringify(cut(text));
}

function cut(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}
