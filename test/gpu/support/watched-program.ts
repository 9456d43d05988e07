/** Faults that may be told apart: so many counts are the first of a program's own memory, `seen`. */
export const FAULTS = 1 << 15;
/** Elements of which it is noted who wrote them, behind the counts; those that lie further share one note, which nobody looks at. */
export const NOTED = 1 << 20;
const INVOCATION_BITS = 20;
/** Dispatches that notes tell apart, in what is left of 32 bits. */
export const DISPATCHES = 2 ** (32 - INVOCATION_BITS) - 1;

/**
 * A program that looks at each index before it uses it, and counts faults:
 *
 * - An index is beyond its array, of what is bound or of the program's own.
 * - A race: an invocation reads what another one of its workgroup wrote, or writes what another one read or wrote, with no barrier between; or writes an
 *   element of what is bound that another one of the dispatch wrote. Each element has a note of who wrote it last and who read it, in which dispatch or
 *   after how many barriers. So it shows whatever the order in which an adapter has them run: software adapters run them one after the other, and the
 *   results are right.
 *
 * What is bound may be read by others than who writes it where nothing comes of that, as by an invocation that has no work. Where something does, results
 * are wrong in one order or in the other: here workgroups and invocations have the work of their opposites.
 */
export function watched(code: string, numbered: (fault: string) => number): string {
  let text = code.replaceAll('workgroupBarrier()', 'watch_barrier()');
  const helpers: string[] = [];
  const watch = (name: string, length: string, notes: Notes | null): void => {
    const beyond = numbered(`beyond ${name}`);
    text = looking(text, name, notes);
    helpers.push(`fn watch_${name}(i: u32) -> u32 { watch_saw(${beyond}u, i >= ${length}); return i; }`);
    if (notes) helpers.push(noting(name, notes, numbered(`race in ${name}`)));
  };
  const before = ['0u'];
  for (const [, access, name] of code.matchAll(BOUND)) {
    const length = `arrayLength(&${name})`;
    watch(name!, length, access === 'read_write' ? notesOfBound(before.join(' + ')) : null);
    if (access === 'read_write') before.push(length);
  }
  for (const [, name, length] of code.matchAll(PRIVATE)) watch(name!, `u32(${length})`, null);
  const shared = [...code.matchAll(SHARED)].map(([, name, length]) => ({ name: name!, length: `u32(${length})` }));
  for (const { name, length } of shared) watch(name, length, notesOfShared(name, length));
  return [beginning(text, shared), WATCH, ...helpers].join('\n');
}

const BOUND = /var<storage, (\w+)> (\w+)\s*:\s*array<\w+>/g;
const PRIVATE = /var<private> (\w+)\s*:\s*array<\w+,\s*([^;]+)>;/g;
const SHARED = /var<workgroup> (\w+)\s*:\s*array<\w+,\s*([^;]+)>;/g;

/**
 * What all watched programs have. A note is a time and who it was, a number from 1 on: of what is bound the dispatch and an invocation of it, of what is
 * shared how many barriers an invocation has passed and its place in the workgroup. The largest number is nobody's: several have read.
 */
const WATCH = `
  @group(1) @binding(0) var<storage, read_write> seen: array<atomic<u32>>;
  @group(1) @binding(1) var<uniform> watch_dispatch: vec4u;
  var<private> watch_self: u32;
  var<private> watch_place: u32;
  var<private> watch_phase: u32;
  // The last fault of an invocation, from 1 on, counted at its end: a branch or an exchange at each access takes compilers minutes.
  var<private> watch_fault: u32;
  fn watch_saw(fault: u32, happened: bool) { watch_fault = select(watch_fault, fault + 1u, happened); }
  fn watch_end() { if (watch_fault > 0u) { atomicAdd(&seen[watch_fault - 1u], 1u); } }
  fn watch_barrier() { workgroupBarrier(); watch_phase++; }
  // Whether a note is of this time, and of somebody else.
  fn watch_other(note: u32, time: u32, by: u32, bits: u32) -> bool {
    return ((note >> bits) == time) & (note != ((time << bits) | by));
  }`;

/** Where the notes of an array are, and by what they tell times and invocations apart. */
interface Notes {
  declared: string;
  /** The place of the i-th element's, and how many places are looked at. */
  place: string;
  places: string;
  writer: string;
  /** Left out: who reads is not noted. */
  reader?: string;
  time: string;
  self: string;
  /** Bits of a note that tell who it was. */
  bits: number;
}

function notesOfBound(first: string): Notes {
  return {
    declared: '',
    place: `min(${first} + i, ${NOTED}u)`,
    places: `${NOTED}u`,
    writer: `seen[${FAULTS}u + at]`,
    time: 'watch_dispatch.x',
    self: 'watch_self',
    bits: INVOCATION_BITS,
  };
}

function notesOfShared(name: string, length: string): Notes {
  return {
    declared: ['writer', 'reader']
      .map((who) => `var<workgroup> watch_${who}_${name}: array<atomic<u32>, ${length}>;`)
      .join('\n'),
    place: `min(i, ${length} - 1u)`,
    places: length,
    writer: `watch_writer_${name}[at]`,
    reader: `watch_reader_${name}[at]`,
    time: 'watch_phase',
    self: 'watch_place',
    bits: 10,
  };
}

/** What looks at the index of what is written, and of what is read, and notes it. */
function noting(
  name: string,
  { declared, place, places, writer, reader, time, self, bits }: Notes,
  race: number,
): string {
  const isOther = (note: string): string => `watch_other(${note}, ${time}, ${self}, ${bits}u)`;
  const saw = (note: string): string => `watch_saw(${race}u, ${isOther(note)} & (at < ${places}));`;
  const load = (at: string): string => `atomicLoad(&${at})`;
  const note = (at: string, by: string): string => `atomicStore(&${at}, (${time} << ${bits}u) | ${by});`;
  const look = (how: string, statements: string): string => `
    fn watch_${how}_${name}(i: u32) -> u32 {
      let at = ${place};
      ${statements}
      return watch_${name}(i);
    }`;
  // Looked at afterwards too, since invocations in step write at once: by what a compiler may not take for what was just stored.
  const written = `${saw(load(writer))} ${reader ? saw(load(reader)) : ''} ${note(writer, self)} ${saw(`atomicOr(&${writer}, 0u)`)}`;
  const several = `${2 ** bits - 1}u`;
  const read =
    reader && `${saw(load(writer))} ${note(reader, `select(${self}, ${several}, ${isOther(load(reader))})`)}`;
  return [declared, look('written', written), ...(read ? [look('read', read)] : [])].join('\n');
}

/** The program with the numbers of each invocation at its beginning, the work of its opposite, and notes of what is shared that are empty, whatever that memory held. */
function beginning(text: string, shared: readonly { name: string; length: string }[]): string {
  const [, size] = /@workgroup_size\(([^),]+)/.exec(text)!;
  const [, head, body] = /(@compute[^{]*\{)([^{}]*)/.exec(text)! as unknown as string[];
  const nameOf = (builtin: string): string => new RegExp(`@builtin\\(${builtin}\\)\\s*(\\w+)`).exec(head!)![1]!;
  const [local, workgroup, workgroups] = ['local_invocation_index', 'workgroup_id', 'num_workgroups'].map(nameOf);
  const renamed = head!.replace(`) ${local}:`, ') watch_local:').replace(`) ${workgroup}:`, ') watch_workgroup:');
  const cleared = shared.map(
    ({ name, length }) => `for (var i = watch_local; i < ${length}; i += u32(${size})) {
      atomicStore(&watch_writer_${name}[i], 0u);
      atomicStore(&watch_reader_${name}[i], 0u);
    }`,
  );
  const first = [
    `let ${local} = u32(${size}) - 1u - watch_local;`,
    `let ${workgroup} = ${workgroups} - 1u - watch_workgroup;`,
    `let watch_workgroups = ${workgroup}.y * ${workgroups}.x + ${workgroup}.x;`,
    `watch_self = (watch_workgroups * u32(${size}) + ${local}) % ${2 ** INVOCATION_BITS - 2}u + 1u;`,
    `watch_place = ${local} + 1u;`,
    ...cleared,
    ...(shared.length > 0 ? ['watch_barrier();'] : []),
  ];
  return text.replace(`${head}${body}`, [renamed, ...first, body!, 'watch_end();'].join('\n'));
}

/** The text with each index of an array in a call that looks at it, and where accesses are noted notes it. */
function looking(text: string, name: string, notes: Notes | null): string {
  const found = new RegExp(`(?<![\\w.])${name}\\[`).exec(text);
  if (!found) return text;
  const start = found.index + found[0].length;
  let end = start;
  for (let depth = 1; depth > 0; end++) {
    if (text[end] === '[') depth++;
    if (text[end] === ']') depth--;
  }
  const isWritten = /^\s*[-+*/]?=(?!=)/.test(text.slice(end));
  const how = isWritten ? notes && 'written_' : notes?.reader && 'read_';
  const index = looking(text.slice(start, end - 1), name, notes);
  return `${text.slice(0, start)}watch_${how ?? ''}${name}(${index})]${looking(text.slice(end), name, notes)}`;
}
