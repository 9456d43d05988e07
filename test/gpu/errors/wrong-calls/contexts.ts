import * as norm from '../../../../src/index.ts';
import { adapters, context, device, x } from './stage.ts';
import { untyped } from '../../support/wrong-call.ts';
import type { WrongCall } from '../../support/wrong-call.ts';

const open = (options: unknown) => async () => norm.createContext(untyped(options));
const synchronous = 'it must be a function without await, since what follows the first one would run for real';

/** Wrong sources of a context, and wrong functions of calls to plan. All but `explain` reject. */
export const CONTEXTS: WrongCall[] = [
  ['null', open(null), 'option', 'createContext: options are null; give a plain object, { device } for example'],
  [
    'a device itself',
    open(device),
    'option',
    'createContext: options are a GPUDevice; give a plain object, { device } for example',
  ],
  [
    'a gpu that is none',
    open({ gpu: {} }),
    'option',
    'createContext: gpu is an object; it must be a GPU, as navigator.gpu is',
  ],
  ['gpu null', open({ gpu: null }), 'option', 'createContext: gpu is null; it must be a GPU, as navigator.gpu is'],
  [
    'a device that is none',
    open({ device: {} }),
    'option',
    'createContext: device is an object; it must be a GPUDevice',
  ],
  ['device null', open({ device: null }), 'option', 'createContext: device is null; it must be a GPUDevice'],
  [
    'a context for a device',
    open({ device: context }),
    'option',
    'createContext: device is a Context; it must be a GPUDevice',
  ],
  ['no adapter', open({ adapter: null }), 'option', 'createContext: adapter is null; it must be a GPUAdapter'],
  [
    'an adapter that is not awaited',
    open({ adapter: adapters.requestAdapter() }),
    'option',
    'createContext: adapter is a Promise (await it first); it must be a GPUAdapter',
  ],
  [
    'a gpu for an adapter',
    open({ adapter: adapters }),
    'option',
    'createContext: adapter is a GPU; it must be a GPUAdapter',
  ],
  [
    'a preference there is not',
    open({ gpu: adapters, powerPreference: 'fast' }),
    'option',
    "createContext: powerPreference is 'fast'; it must be one of low-power, high-performance",
  ],
  [
    'calibrate as text',
    open({ gpu: adapters, calibrate: 'no' }),
    'option',
    'createContext: calibrate is the text "no"; it must be true or false',
  ],
  [
    'a schedule by name',
    open({ gpu: adapters, schedule: 'whole' }),
    'option',
    'createContext: schedule is the text "whole"; give a plain object, { name } for example',
  ],
  [
    'memory as a number',
    open({ gpu: adapters, memory: 1e6 }),
    'option',
    'createContext: memory is 1000000; give a plain object, { idleBytes } for example',
  ],
  [
    'a part of memory there is not',
    open({ gpu: adapters, memory: { budget: 1e6 } }),
    'option',
    "createContext: there is no option 'budget'; the options are idleBytes, idleShare, idleSeconds",
  ],
  [
    'a negative budget',
    open({ gpu: adapters, memory: { idleBytes: -1 } }),
    'option',
    'createContext: memory.idleBytes is -1; it must be a number of bytes of at least 0',
  ],
  [
    'a budget that is no number',
    open({ gpu: adapters, memory: { idleBytes: NaN } }),
    'option',
    'createContext: memory.idleBytes is NaN; it must be a number of bytes of at least 0',
  ],
  [
    'a budget as text',
    open({ gpu: adapters, memory: { idleBytes: '64MB' } }),
    'option',
    'createContext: memory.idleBytes is the text "64MB"; it must be a number of bytes of at least 0',
  ],
  [
    'a share null',
    open({ gpu: adapters, memory: { idleShare: null } }),
    'option',
    'createContext: memory.idleShare is null; it must be a share of the bytes in use, 0.25 for a quarter, of at least 0',
  ],
  [
    'a negative time',
    open({ gpu: adapters, memory: { idleSeconds: -10 } }),
    'option',
    'createContext: memory.idleSeconds is -10; it must be a number of seconds of at least 0',
  ],
  ['explain of a result', () => context.explain(untyped(x)), 'option', `explain: calls is a Tensor; ${synchronous}`],
  [
    'explain of nothing',
    () => context.explain(untyped(undefined)),
    'option',
    `explain: calls is undefined; ${synchronous}`,
  ],
  [
    'explain of an async function, which is not called',
    () => context.explain(async () => norm.layerNorm(x)),
    'option',
    `explain: calls is an AsyncFunction; ${synchronous}`,
  ],
  [
    'explain of a function that returns a Promise',
    () => context.explain(() => Promise.reject(new Error('unheard'))),
    'option',
    `explain: the function returned a Promise; ${synchronous}`,
  ],
  [
    'prepare of a result',
    async () => context.prepare(untyped(x)),
    'option',
    `prepare: calls is a Tensor; ${synchronous}`,
  ],
  [
    'prepare of an async function',
    async () => context.prepare(async () => norm.layerNorm(x)),
    'option',
    `prepare: calls is an AsyncFunction; ${synchronous}`,
  ],
];
