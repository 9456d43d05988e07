import { expect, it } from 'vitest';
import { adaptiveInstanceNormDefinition } from '../../src/norms/adaptive-instance-norm.ts';
import { batchNormDefinition } from '../../src/norms/batch-norm.ts';
import { dynamicErfDefinition } from '../../src/norms/dynamic-erf.ts';
import { dynamicTanhDefinition } from '../../src/norms/dynamic-tanh.ts';
import { globalResponseNormDefinition } from '../../src/norms/global-response-norm.ts';
import { groupNormDefinition } from '../../src/norms/group-norm.ts';
import { instanceNormDefinition } from '../../src/norms/instance-norm.ts';
import { layerNormDefinition } from '../../src/norms/layer-norm.ts';
import { normalizeDefinition } from '../../src/norms/normalize.ts';
import { rmsNormDefinition } from '../../src/norms/rms-norm.ts';
import { scaleNormDefinition } from '../../src/norms/scale-norm.ts';
import { OWNERS } from '../../src/options/foreign-names.ts';

const takes: Record<string, readonly string[]> = Object.fromEntries(
  [
    layerNormDefinition,
    rmsNormDefinition,
    scaleNormDefinition,
    batchNormDefinition,
    instanceNormDefinition,
    groupNormDefinition,
    normalizeDefinition,
    adaptiveInstanceNormDefinition,
    dynamicTanhDefinition,
    dynamicErfDefinition,
    globalResponseNormDefinition,
  ].map(({ op, options }) => [op, options]),
);

it.each(Object.entries(OWNERS))('%s is an option of these functions and no others', (option, owners) => {
  const those = Object.keys(takes).filter((op) => takes[op]!.includes(option));
  expect(those.toSorted()).toEqual(owners.filter((op) => op !== 'moments').toSorted());
});

it('tells of every option that some normalization has and not most, but for what a call makes of its arguments', () => {
  const all = [...new Set(Object.values(takes).flat())];
  const few = all.filter((option) => Object.values(takes).filter((options) => options.includes(option)).length <= 4);
  expect(few.filter((option) => !Object.hasOwn(OWNERS, option))).toEqual(['style', 'pointwise']);
});
