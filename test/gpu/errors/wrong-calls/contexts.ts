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
    'a preference beside a device',
    open({ device, powerPreference: 'high-performance' }),
    'option',
    'createContext: device and powerPreference are both given; give one',
  ],
  [
    'a gpu beside an adapter',
    open({ adapter: { requestDevice: () => device }, gpu: adapters }),
    'option',
    'createContext: adapter and gpu are both given; give one',
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
  ...(
    [
      [1e6, 'memory is 1000000; give a plain object, { idleBytes } for example'],
      [{ budget: 1e6 }, "memory has no 'budget'; it may have idleBytes, idleShare, idleSeconds"],
      [{ idleBytes: -1 }, 'idleBytes of memory is -1; it must be a number of bytes of at least 0'],
      [{ idleBytes: NaN }, 'idleBytes of memory is NaN; it must be a number of bytes of at least 0'],
      [{ idleBytes: '64MB' }, 'idleBytes of memory is the text "64MB"; it must be a number of bytes of at least 0'],
      [
        { idleShare: null },
        'idleShare of memory is null; it must be a share of the bytes in use, 0.25 for a quarter, of at least 0',
      ],
      [{ idleSeconds: -10 }, 'idleSeconds of memory is -10; it must be a number of seconds of at least 0'],
    ] as const
  ).map(([memory, says]): WrongCall => [
    `memory where ${says}`,
    open({ gpu: adapters, memory }),
    'option',
    `createContext: ${says}`,
  ]),
  ...(
    [
      [
        { together: 4 },
        "schedule has no 'together'; it may have name, reduce, tile, lanes, chunk, groupsPerInvocation",
      ],
      [{ Lanes: 4 }, "schedule has no 'Lanes'; here it is called lanes"],
      [{ name: 'hole' }, "name of schedule is 'hole'; it must be one of whole, split"],
      [{ reduce: undefined }, 'reduce of schedule is undefined; it must be one of invocation, subgroup, workgroup'],
      [{ tile: 'shared' }, "tile of schedule is 'shared'; it must be one of memory, registers"],
      [{ lanes: '4' }, 'lanes of schedule is the text "4"; it must be a positive whole number'],
      [{ lanes: 12 }, 'lanes of schedule is 12; it must be a power of two'],
      [{ chunk: 0 }, 'chunk of schedule is 0; it must be a positive whole number'],
      [{ groupsPerInvocation: 2 }, 'groupsPerInvocation of schedule is 2; it must be one of 1, 4'],
    ] as const
  ).map(([schedule, says]): WrongCall => [
    `a schedule that ${says}`,
    open({ gpu: adapters, schedule }),
    'option',
    `createContext: ${says}`,
  ]),
  ...(
    [
      [
        { cpu: true },
        "profile has no 'cpu'; it may have software, maxWorkgroup, maxDispatch, subgroup, subgroupSize, maxArrays, maxBinding, f16, parallel, held",
      ],
      [{ software: 1 }, 'software of profile is 1; it must be true or false'],
      [{ maxWorkgroup: 0 }, 'maxWorkgroup of profile is 0; it must be a positive whole number'],
      [{ maxWorkgroup: 96 }, 'maxWorkgroup of profile is 96; it must be a power of two'],
      [{ subgroup: 3 }, 'subgroup of profile is 3; it must be a power of two'],
      [{ subgroup: -1 }, 'subgroup of profile is -1; it must be a whole number of at least 0'],
      [[], 'profile is []; give a plain object, { software } for example'],
    ] as const
  ).map(([profile, says]): WrongCall => [
    `a profile that ${says}`,
    open({ gpu: adapters, profile }),
    'option',
    `createContext: ${says}`,
  ]),
  [
    'an option of a device',
    open({ gpu: adapters, requiredFeatures: [] }),
    'option',
    "createContext: there is no option 'requiredFeatures'; the options are device, adapter, gpu, powerPreference, calibrate, programs, specialize, memory, profile, schedule",
  ],
  [
    'trim down to some bytes',
    () => context.trim(untyped(1e6)),
    'option',
    'trim: 1000000 follows the arguments; leave it out',
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
