import { describe } from 'vitest';
import { recording, testWrongCalls } from '../support/wrong-call.ts';
import { OPTIONS } from './wrong-calls/options.ts';
import { SOURCES } from './wrong-calls/sources.ts';
import { context, device, encoder } from './wrong-calls/stage.ts';
import { TARGETS } from './wrong-calls/targets.ts';

/** Wrong calls and the message that each gets, before anything is recorded or copied. */

describe.each(Object.entries({ options: OPTIONS, sources: SOURCES, targets: TARGETS }))('%s', (_, wrong) => {
  testWrongCalls(wrong, [
    ...recording(context),
    [encoder, 'beginComputePass'],
    [device, 'createPipelineLayout'],
    [device.queue, 'writeTexture'],
  ]);
});
