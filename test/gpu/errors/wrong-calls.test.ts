import { describe, expect, it, vi } from 'vitest';
import * as norm from '../../../src/index.ts';
import { encoding, loose, preparing, recording, testWrongCalls, untyped } from '../support/wrong-call.ts';
import { ARGUMENTS, DESTINATIONS } from './wrong-calls/call-options.ts';
import { CONTEXTS } from './wrong-calls/contexts.ts';
import { DYNAMIC } from './wrong-calls/dynamic.ts';
import { FOREIGN, MISPLACED } from './wrong-calls/foreign.ts';
import { MODULATIONS, NAMES } from './wrong-calls/names.ts';
import { MEAN_SCALE } from './wrong-calls/mean-scale.ts';
import { MULTIPLY_ADD } from './wrong-calls/multiply-add.ts';
import { NUMBERS } from './wrong-calls/numbers.ts';
import { OPTIONS } from './wrong-calls/options.ts';
import { PARTS } from './wrong-calls/parts.ts';
import { QUANTIZED } from './wrong-calls/quantized.ts';
import { ROTARY } from './wrong-calls/rotary.ts';
import { SEGMENTS } from './wrong-calls/segments.ts';
import { SCALE_NORM } from './wrong-calls/scale-norm.ts';
import { context, device, encoder, weight, x } from './wrong-calls/stage.ts';
import { TENSORS } from './wrong-calls/tensors.ts';
import { UPLOADS } from './wrong-calls/uploads.ts';

/** Wrong calls and the message that each gets; nothing is recorded, submitted, uploaded or allocated before it is thrown. */

describe.each(
  Object.entries({
    options: OPTIONS,
    arguments: ARGUMENTS,
    destinations: DESTINATIONS,
    names: NAMES,
    'names of other libraries': FOREIGN,
    'misplaced encoders': MISPLACED,
    modulations: MODULATIONS,
    'factors and addends': MULTIPLY_ADD,
    numbers: NUMBERS,
    tensors: TENSORS,
    uploads: UPLOADS,
    parts: PARTS,
    quantized: QUANTIZED,
    rotations: ROTARY,
    segments: SEGMENTS,
    'shares of a mean': MEAN_SCALE,
    scaleNorm: SCALE_NORM,
    'DyT and Derf': DYNAMIC,
    contexts: CONTEXTS,
  }),
)('%s', (_, wrong) => {
  testWrongCalls(wrong, [...recording(context), ...preparing(context), ...encoding(encoder)]);
});

describe('what looks wrong and works', () => {
  it('options and a modulation without a prototype, options and arguments that are undefined', () => {
    const bare = (properties: object): never => Object.assign(Object.create(null) as object, properties) as never;
    norm.layerNorm(x, bare({ weight, modulation: bare({ scale: weight }) })).destroy();
    norm.layerNorm(x, untyped({ axes: undefined, weight: undefined, modulation: undefined, out: undefined })).destroy();
    norm
      .layerNorm(x, { modulation: { scale: weight, shift: untyped(undefined) }, encoder: untyped(undefined) })
      .destroy();
    (loose(norm.layerNorm)(x, undefined, undefined) as norm.Tensor).destroy();
    norm.scaleNorm(x, {}).destroy();
    norm.scaleNorm(x, bare({ weight: undefined, outputDtype: undefined })).destroy();
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
