/** How the lanes of a row share what they found: lanes of a subgroup, a subgroup, or a workgroup of several. */
export type Reduction = 'cluster' | 'subgroup' | 'workgroup';

type Operation = 'add' | 'max';

/**
 * A WGSL function of that name that reduces as many numbers as there are operations, over all lanes of a row. In a workgroup each
 * subgroup leaves its share in memory, and after one barrier every subgroup reduces the shares; memory is used once.
 */
export function reductionText(name: string, operations: readonly Operation[], how: Reduction, lanes: number): string {
  const type = operations.length === 1 ? 'f32' : `vec${operations.length}f`;
  const signature = `fn ${name}(own: ${type}) -> ${type}`;
  const over = (value: string): string => {
    const parts = operations.map((operation, index) => subgroupCall(operation, partOf(value, index, operations)));
    return operations.length === 1 ? parts[0]! : `${type}(${parts.join(', ')})`;
  };
  if (how === 'subgroup') return `${signature} { return ${over('own')}; }`;
  if (how === 'cluster') return clusterText(signature, operations, lanes, type);
  return /* wgsl */ `
var<workgroup> ${name}_shares: array<${type}, 64>;

${signature} {
  let share = ${over('own')};
  if (subgroup_lane == 0u) {
    ${name}_shares[subgroup] = share;
  }
  workgroupBarrier();
  let shares = select(${type}(), ${name}_shares[subgroup_lane], subgroup_lane < subgroups);
  return ${over('shares')};
}`;
}

/** Neighbours first, then ever farther ones: log2(lanes) exchanges. */
function clusterText(signature: string, operations: readonly Operation[], lanes: number, type: string): string {
  const steps = Array.from({ length: Math.log2(lanes) }, (_, step) => {
    const other = `subgroupShuffleXor(value, ${2 ** step}u)`;
    const parts = operations.map((operation, index) => {
      const [own, others] = [partOf('value', index, operations), partOf(`other${step}`, index, operations)];
      return operation === 'add' ? `${own} + ${others}` : `max(${own}, ${others})`;
    });
    return `  let other${step} = ${other};\n  value = ${type}(${parts.join(', ')});`;
  });
  return `${signature} {\n  var value = own;\n${steps.join('\n')}\n  return value;\n}`;
}

function subgroupCall(operation: Operation, value: string): string {
  return operation === 'add' ? `subgroupAdd(${value})` : `subgroupMax(${value})`;
}

function partOf(value: string, index: number, { length }: readonly Operation[]): string {
  return length === 1 ? value : `${value}.${'xyzw'[index]}`;
}
