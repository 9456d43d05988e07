import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as norm from '../../src/index.ts';
import { CONTEXTS } from './wrong-calls/contexts.ts';
import { NUMBERS } from './wrong-calls/numbers.ts';
import { OPTIONS, RECORDS } from './wrong-calls/options.ts';
import { PARTS } from './wrong-calls/parts.ts';
import { context, device, encoder, untyped, weight, x } from './wrong-calls/stage.ts';
import { TENSORS } from './wrong-calls/tensors.ts';
import { UPLOADS } from './wrong-calls/uploads.ts';

/** Wrong calls and the message that each gets; nothing is recorded, submitted, uploaded or allocated before it is thrown. */

const watched: [object: object, name: string][] = [
  [device, 'createBuffer'],
  [device, 'createCommandEncoder'],
  [device, 'createComputePipeline'],
  [device.queue, 'submit'],
  [device.queue, 'writeBuffer'],
  [encoder, 'beginComputePass'],
  [encoder, 'copyBufferToBuffer'],
];

describe.each(
  Object.entries({
    options: OPTIONS,
    records: RECORDS,
    numbers: NUMBERS,
    tensors: TENSORS,
    uploads: UPLOADS,
    parts: PARTS,
    contexts: CONTEXTS,
  }),
)('%s', (_, wrong) => {
  beforeEach(() => {
    for (const [object, name] of watched) vi.spyOn(object as never, name as never);
  });
  afterEach(() => void vi.restoreAllMocks());

  it.each(wrong)('%s', async (__, call, code, message) => {
    let thrown: unknown;
    try {
      await call();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(norm.NormError);
    const { code: actual, message: says } = thrown as norm.NormError;
    if (typeof message === 'string') expect(says).toBe(message);
    else expect(says).toMatch(message);
    expect(actual).toBe(code);
    for (const [object, name] of watched) expect(object[name as never], name).not.toHaveBeenCalled();
  });
});

describe('what looks wrong and works', () => {
  it('a frozen buffer, whose end cannot be noticed', () => {
    const frozen = Object.freeze(device.createBuffer({ size: 64, usage: 0x84 }));
    const wrapped = context.wrap(frozen, { shape: [16] });
    norm.layerNorm(wrapped).destroy();
    frozen.destroy();
    expect(wrapped.destroyed).toBe(false);
  });

  it('options without a prototype, options that are undefined, a null-prototype record', () => {
    const options = Object.assign(Object.create(null) as object, { weight });
    norm.layerNorm(x, options, Object.create(null) as object).destroy();
    norm.layerNorm(x, untyped({ axes: undefined, weight: undefined, save: undefined })).destroy();
    norm.layerNorm(x, untyped(undefined), { encoder: untyped(undefined) }).destroy();
  });

  it('a call that is explained while others are: none of them runs', () => {
    const submit = vi.spyOn(device.queue, 'submit');
    const plans = context.explain(() => {
      context.explain(() => norm.layerNorm(x));
      norm.rmsNorm(x);
    });
    expect(plans).toHaveLength(1);
    expect(submit).not.toHaveBeenCalled();
    submit.mockRestore();
  });
});
