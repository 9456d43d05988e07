/** A value in a message: numbers as they are, text in quotes, all else by its type. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `the text ${JSON.stringify(value)}`;
    case 'bigint':
      return `${value}n (a BigInt)`;
    case 'symbol':
      return 'a Symbol';
    case 'object':
    case 'function':
      return value === null ? 'null' : shownObject(value);
    default:
      return String(value);
  }
}

/** A value where text was expected, one name of several: then text needs quotes only. */
export function shownName(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : shown(value);
}

/** A list in a message. */
export function shownList(values: readonly unknown[]): string {
  return `[${Array.from(values, (value) => (typeof value === 'string' ? JSON.stringify(value) : shown(value))).join()}]`;
}

export function withArticle(name: string): string {
  return `${/^[aeio]/i.test(name) ? 'an' : 'a'} ${name}`;
}

function shownObject(value: object): string {
  const type = typeName(value);
  if (type === 'Promise') return 'a Promise (await it first)';
  const named = withArticle(type);
  const isList = Array.isArray(value) || ArrayBuffer.isView(value);
  return isList && 'length' in value ? `${named} of ${String(value.length)}` : named;
}

/** The type of an object, of WebGPU, of JavaScript (whatever realm it is of) or a class of somebody's. */
function typeName(value: object): string {
  const tag = Object.prototype.toString.call(value).slice('[object '.length, -1);
  if (tag === 'Function') return 'function';
  if (tag !== 'Object') return tag;
  const name: unknown = (value as { constructor?: { name?: unknown } | null }).constructor?.name;
  return typeof name === 'string' && name !== '' && name !== 'Object' ? name : 'object';
}
