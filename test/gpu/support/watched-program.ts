/**
 * A program that looks at each index before it uses it, and counts faults in a buffer of its own, `seen`:
 *
 * - An index is beyond its array, of what is bound or of the program's own.
 * - A race: an invocation reads what another one of its workgroup wrote since the last barrier, or writes what another one read or wrote. Each element
 *   that a workgroup shares has a note of who wrote it last and who read it, and after how many barriers. So it shows whatever the order in which an
 *   adapter has them run: most run them one after the other, and the results are right.
 */
export function watched(code: string, numbered: (fault: string) => number): string {
  let text = code.replaceAll('workgroupBarrier()', 'watch_barrier()');
  const helpers: string[] = [];
  const watch = (name: string, length: string, isShared = false): void => {
    const beyond = numbered(`beyond ${name}`);
    text = looking(text, name, isShared);
    helpers.push(`fn watch_${name}(i: u32) -> u32 { if (i >= ${length}) { watch_saw(${beyond}u); } return i; }`);
    if (isShared) helpers.push(noting(name, length, numbered(`race in ${name}`)));
  };
  for (const [, name] of code.matchAll(BOUND)) watch(name!, `arrayLength(&${name})`);
  for (const [, name, length] of code.matchAll(PRIVATE)) watch(name!, `u32(${length})`);
  const shared = [...code.matchAll(SHARED)].map(([, name, length]) => ({ name: name!, length: `u32(${length})` }));
  for (const { name, length } of shared) watch(name, length, true);
  return [beginning(text, shared), WATCH, ...helpers].join('\n');
}

const BOUND = /var<storage, \w+> (\w+)\s*:\s*array<\w+>/g;
const PRIVATE = /var<private> (\w+)\s*:\s*array<\w+,\s*([^;]+)>;/g;
const SHARED = /var<workgroup> (\w+)\s*:\s*array<\w+,\s*([^;]+)>;/g;

/** What all watched programs have: the faults, and of an invocation its number from 1 on and how many barriers it has passed. */
const WATCH = `
  @group(1) @binding(0) var<storage, read_write> seen: array<atomic<u32>>;
  var<private> watch_self: u32;
  var<private> watch_phase: u32;
  fn watch_saw(fault: u32) { atomicAdd(&seen[fault], 1u); }
  fn watch_barrier() { workgroupBarrier(); watch_phase++; }
  fn watch_note(by: u32) -> u32 { return (watch_phase << 12u) | by; }
  // Whether a note is of this phase, and of somebody else.
  fn watch_other(note: u32) -> bool { return (note >> 12u) == watch_phase && note != watch_note(watch_self); }`;

/** Notes of the elements of a shared array; who read one that others read too is noted as nobody, by the largest number. */
function noting(name: string, length: string, race: number): string {
  return `
    var<workgroup> watch_writer_${name}: array<atomic<u32>, ${length}>;
    var<workgroup> watch_reader_${name}: array<atomic<u32>, ${length}>;
    fn watch_read_${name}(i: u32) -> u32 {
      let at = min(watch_${name}(i), ${length} - 1u);
      if (watch_other(atomicLoad(&watch_writer_${name}[at]))) { watch_saw(${race}u); }
      let by = select(watch_self, 0xfffu, watch_other(atomicLoad(&watch_reader_${name}[at])));
      atomicStore(&watch_reader_${name}[at], watch_note(by));
      return i;
    }
    fn watch_written_${name}(i: u32) -> u32 {
      let at = min(watch_${name}(i), ${length} - 1u);
      if (watch_other(atomicExchange(&watch_writer_${name}[at], watch_note(watch_self)))) { watch_saw(${race}u); }
      if (watch_other(atomicLoad(&watch_reader_${name}[at]))) { watch_saw(${race}u); }
      return i;
    }`;
}

/** The program with notes that are empty at its beginning, whatever that memory held. */
function beginning(text: string, shared: readonly { name: string; length: string }[]): string {
  const [, size] = /@workgroup_size\(([^),]+)/.exec(text)!;
  const cleared = shared.map(
    ({ name, length }) => `for (var i = LOCAL; i < ${length}; i += u32(${size})) {
      atomicStore(&watch_writer_${name}[i], 0u);
      atomicStore(&watch_reader_${name}[i], 0u);
    }`,
  );
  return text.replace(/(@builtin\(local_invocation_index\)\s*(\w+)[^{]*\{)/, (_, head: string, local: string) =>
    [head, `watch_self = ${local} + 1u;`, ...cleared, shared.length > 0 ? 'watch_barrier();' : '']
      .join('\n')
      .replaceAll('LOCAL', local),
  );
}

/** The text with each index of an array in a call that looks at it; where the array is shared, in one for what is read or one for what is written. */
function looking(text: string, name: string, isShared: boolean): string {
  const found = new RegExp(`(?<![\\w.])${name}\\[`).exec(text);
  if (!found) return text;
  const start = found.index + found[0].length;
  let end = start;
  for (let depth = 1; depth > 0; end++) {
    if (text[end] === '[') depth++;
    if (text[end] === ']') depth--;
  }
  const isWritten = /^\s*[-+*/]?=(?!=)/.test(text.slice(end));
  const look = !isShared ? `watch_${name}` : isWritten ? `watch_written_${name}` : `watch_read_${name}`;
  const index = looking(text.slice(start, end - 1), name, isShared);
  return `${text.slice(0, start)}${look}(${index})]${looking(text.slice(end), name, isShared)}`;
}
