import './open.ts';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/tfjs/index.ts';
import { gradientsByAutodiff } from '../../gpu/support/autodiff.ts';
import { fillGradient } from '../../gpu/support/gradients.ts';
import { PLACES, POINTWISE, RESPONSE } from '../../gpu/support/modes.ts';
import { Random } from '../../gpu/support/random.ts';
import { callReference, fill, relativeError } from '../../gpu/support/run.ts';
import { resultsOfLibrary } from '../support/library.ts';
import { resultsOfBridge } from './calls.ts';

// What imports the other autodiff has put TensorFlow.js on the CPU.
await tf.setBackend('webgpu');
const context = await connect();
afterAll(() => context.destroy());

const SIZE = { N: 3, C: 8, L: 12 };
/** One of each mode: channels last, and a few with them elsewhere; with `WHOLE=1` all. */
const NAMED = ['GroupNorm NCHW', 'BatchNorm, training NC', 'InstanceNorm NLC'];
const places = [
  ...PLACES.filter(
    ({ layout, name }) => import.meta.env['WHOLE'] === '1' || ['NHWC', 'rows'].includes(layout) || NAMED.includes(name),
  ),
  ...POINTWISE.map((mode) => ({ mode, layout: 'rows', name: mode.name })),
  { mode: RESPONSE, layout: 'NHWC', name: RESPONSE.name },
];

describe('a normalization of tensors of TensorFlow.js', () => {
  it.each(places)('$name: y and gradients', async ({ mode, layout, name }) => {
    const random = new Random(name.length);
    const filled = fill(mode, mode.call(SIZE, layout), 'both', random);
    const dy = fillGradient(filled, random);
    const results = await resultsOfBridge(filled, dy);

    const { alone, ...trained } = results;
    expect(trained, 'the bits of the library').toEqual(await resultsOfLibrary(context, filled, dy));
    expect(alone, 'the same where no gradient is asked for').toEqual(trained['y']);
    expect(relativeError(alone!, callReference(filled)), 'float64').toBeLessThanOrEqual(2 ** -19);

    await tf.setBackend('cpu');
    const exact = gradientsByAutodiff(filled, dy);
    await tf.setBackend('webgpu');
    for (const [gradient, numbers] of Object.entries(exact)) {
      expect(relativeError(results[gradient]!, numbers), `${gradient} of its own operations`).toBeLessThanOrEqual(1e-4);
    }
  });
});
