import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode } from '../../src/sync/message.ts';
import { joinGroup } from '../../src/sync/index.ts';
import type { Group, GroupOptions } from '../../src/sync/index.ts';
import { seed } from '../gpu/support/seed.ts';
import { Random } from '../gpu/support/random.ts';
import { LONG, Network } from './network.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e'];

const caught = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing was thrown',
    (error: Error & { code?: string }) => `${error.name} ${error.code}: ${error.message}`,
  );

/** A group of as many members, over a network in this process. */
async function groupOf(size: number, options: Partial<GroupOptions> = {}, network = new Network()): Promise<Group[]> {
  const members = NAMES.slice(0, size).map(async (id) =>
    joinGroup(network.open(id), { size, timeout: LONG, ...options }),
  );
  await network.run();
  return Promise.all(members);
}

describe('a group', () => {
  it('gives all members the same sum, of parts in the order of ranks', async () => {
    const network = new Network();
    const members = await groupOf(3, {}, network);
    expect(members.map(({ rank, size }) => [rank, size])).toEqual([0, 1, 2].map((rank) => [rank, 3]));
    const steps = members.map(async (member, rank) => {
      const merge = (parts: readonly Float32Array[]) => Float32Array.from(parts.map((part) => part[0]!));
      const order = await member.allReduce(Float32Array.of(rank), { merge });
      return [
        order,
        await member.allReduce(Float32Array.of(1e8, -1e8, 1)[rank]! > 0 ? Float32Array.of(rank) : Float32Array.of(5)),
      ];
    });
    await network.run();
    for (const [order, total] of await Promise.all(steps)) {
      expect(order).toEqual(Float32Array.of(0, 1, 2));
      expect(total).toEqual(Float32Array.of(7));
    }
  });

  it('takes calls that do not wait for each other in their order, and copies what they are given', async () => {
    const network = new Network();
    const members = await groupOf(2, {}, network);
    const results = members.map(async (member) => {
      const data = Float32Array.of(1);
      const calls = [member.allReduce(data, { label: 'one' }), member.allReduce(data, { label: 'two' })];
      data[0] = 7;
      return Promise.all(calls);
    });
    await network.run();
    for (const result of await Promise.all(results)) expect(result).toEqual([Float32Array.of(2), Float32Array.of(2)]);
  });

  it.each([
    [
      'numbers of another type',
      new Float64Array(1),
      {},
      'dtype',
      'the data is a Float64Array of 1; it must be a Float32Array',
    ],
    [
      'a merge that is none',
      new Float32Array(1),
      { merge: 'sum' },
      'option',
      'merge is the text "sum"; it must be a function',
    ],
    ['a label that is none', new Float32Array(1), { label: 7 }, 'option', 'label is 7; it must be text'],
    ['another option', new Float32Array(1), { op: 'sum' }, 'option', "there is no option 'op'"],
  ])('refuses %s, and lives', async (_, data, options, code, message) => {
    const [alone] = await groupOf(1);
    expect(await caught(alone!.allReduce(data as never, options as never))).toContain(`${code}: allReduce: ${message}`);
    expect(await alone!.allReduce(Float32Array.of(3))).toEqual(Float32Array.of(3));
  });

  it.each([
    [{ size: 0 }, 'size is 0; it must be a positive whole number'],
    [{ size: 2, atLeast: 3 }, 'atLeast is 3, but the group has 2 members'],
    [{ size: 2, onLeave: 'go on' }, "onLeave is 'go on'; it must be one of error, continue"],
    [{ size: 2, timeout: -1 }, 'timeout is -1'],
    [{ size: 2, version: 3 }, 'version is 3; it must be text'],
    [{ size: 2, name: 'x' }, "there is no option 'name'"],
  ])('is not made of %j', async (options, message) => {
    expect(await caught(joinGroup(new Network().open('a'), options as GroupOptions))).toContain(
      `option: joinGroup: ${message}`,
    );
  });

  it('may have one member', async () => {
    const [alone] = await groupOf(1);
    expect(await alone!.allReduce(Float32Array.of(3))).toEqual(Float32Array.of(3));
  });

  it('refuses who comes when it is full, and goes on', async () => {
    const network = new Network();
    const members = await groupOf(2, {}, network);
    const late = caught(joinGroup(network.open('late'), { size: 2, timeout: LONG }));
    await network.run();
    expect(await late).toMatch(/^NormError peer: joinGroup: '[ab]' refused: the group has started with its 2 members$/);
    const sums = members.map(async (member) => member.allReduce(Float32Array.of(1)));
    await network.run();
    expect(await Promise.all(sums)).toEqual([Float32Array.of(2), Float32Array.of(2)]);
  });

  it('of two, of three peers that come in any order: nobody waits for who is in no group of its', async () => {
    const property = fc.asyncProperty(fc.integer(), fc.constantFrom('error', 'continue'), async (draws, onLeave) => {
      const random = new Random(draws);
      const network = new Network(() => random.uniform());
      const ends = NAMES.slice(0, 3).map(async (id, index) => {
        const options = { size: 2, timeout: LONG, onLeave, atLeast: 2 } as const;
        const group = await joinGroup(network.open(id), options);
        return (await group.allReduce(Float32Array.of(1 << index)))[0]!;
      });
      const codes = ends.map(async (end) => end.catch(({ code }: { code: string }) => code));
      await network.run();
      const all = await Promise.all(codes);
      const sums = all.filter((end) => typeof end === 'number');
      expect(all).toHaveLength(3);
      expect(all.filter((end) => end === 'peer')).toHaveLength(3 - sums.length);
      expect(new Set(sums).size).toBeLessThanOrEqual(1);
      // Who has a sum is in it.
      for (const [index, end] of all.entries())
        if (typeof end === 'number') expect(end & (1 << index)).toBe(1 << index);
    });
    await fc.assert(property, { seed, numRuns: 200 });
  });

  it.each([
    [{ version: '1' }, { version: '2' }, `'b' has version "2", this peer "1"; members must agree`],
    [{ size: 2 }, { size: 3 }, `'b' has size 3, this peer 2`],
    [{ onLeave: 'error' }, { onLeave: 'continue' }, `'b' has onLeave "continue", this peer "error"`],
  ] as const)('is not made of members of %j and %j', async (one, other, message) => {
    const network = new Network();
    const joining = [one, other].map(async (options, index) =>
      caught(joinGroup(network.open(NAMES[index]!), { size: 2, timeout: LONG, ...options })),
    );
    await network.run();
    expect(await joining[0]).toContain(`NormError mismatch: joinGroup: ${message}`);
    expect(await joining[1]).toContain(`NormError mismatch: joinGroup: 'a' has`);
  });

  it('is not made where too few come in time', async () => {
    const joining = caught(joinGroup(new Network().open('a'), { size: 2, timeout: 20 }));
    expect(await joining).toBe('NormError peer: joinGroup: 1 of 2 members came within 20 ms');
  });
});

describe('members that reduce different things', () => {
  it.each([
    ['another length', { length: 3, label: 'x' }, `'b' gave 3 numbers for 'x', 'a' 2; they must be as many`],
    ['another thing', { length: 2, label: 'y' }, `'b' is at 'y', 'a' at 'x'; members make the same calls`],
  ])('%s: all are told whose', async (_, { length, label }, message) => {
    const network = new Network();
    const [a, b, c] = await groupOf(3, { onLeave: 'continue' }, network);
    const calls = [
      caught(a!.allReduce(new Float32Array(2), { label: 'x' })),
      caught(b!.allReduce(new Float32Array(length), { label })),
      caught(c!.allReduce(new Float32Array(2), { label: 'x' })),
    ];
    await network.run();
    for (const call of calls) expect(await call).toContain(`NormError mismatch: allReduce: ${message}`);
    expect(await caught(c!.allReduce(new Float32Array(1)))).toContain(message);
  });

  it('a merge that throws ends the step for all', async () => {
    const network = new Network();
    const members = await groupOf(2, {}, network);
    const merge = (): never => {
      throw new Error('no such merge');
    };
    const calls = members.map(async (member) => caught(member.allReduce(new Float32Array(1), { merge, label: 'x' })));
    await network.run();
    for (const call of calls) expect(await call).toBe('NormError option: x: no such merge');
  });

  it('bytes that are no message end it too', async () => {
    const network = new Network();
    const channel = network.open('a');
    const joining = [channel, network.open('b')].map(async (one) => joinGroup(one, { size: 2, timeout: LONG }));
    await network.run();
    const [, b] = await Promise.all(joining);
    channel.send(new ArrayBuffer(12), 'b');
    const call = caught(b!.allReduce(Float32Array.of(1)));
    await network.run();
    expect(await call).toContain(`NormError peer: 'a' sent 12 bytes that are no message of webgpu-norm/sync`);
  });

  it('a stranger ends nothing', async () => {
    const network = new Network();
    const members = await groupOf(2, {}, network);
    const stranger = network.open('stranger');
    stranger.send(new ArrayBuffer(3), 'a');
    stranger.send(encode({ kind: 'part', step: 1, label: 'x' }, Float32Array.of(100)), 'a');
    stranger.send(encode({ kind: 'fail', code: 'peer', reason: 'so there' }), 'b');
    const sums = members.map(async (member) => member.allReduce(Float32Array.of(1)));
    await network.run();
    expect(await Promise.all(sums)).toEqual([Float32Array.of(2), Float32Array.of(2)]);
  });
});

describe('a member that leaves', () => {
  it.each([0, 1, 2])('of rank %i ends the group at the next step, by an error that names it', async (leaver) => {
    const network = new Network();
    const members = await groupOf(3, {}, network);
    members[leaver]!.leave();
    const calls = members.map(async (member) => caught(member.allReduce(Float32Array.of(1))));
    await network.run();
    for (const [rank, call] of calls.entries()) {
      expect(await call).toContain(
        rank === leaver
          ? 'NormError destroyed: allReduce: this member left the group'
          : `NormError peer: '${NAMES[leaver]}' left the group; the group ends, as onLeave is 'error'`,
      );
    }
  });

  it('after its last step spoils no step of the others', async () => {
    const network = new Network(() => 0.999);
    const members = await groupOf(3, {}, network);
    const calls = members.map(async (member) => {
      const result = await member.allReduce(Float32Array.of(1));
      member.leave();
      return result;
    });
    await network.run();
    expect(await Promise.all(calls)).toEqual(Array(3).fill(Float32Array.of(3)));
  });

  it.each([0, 1])('of rank %i: the others go on, with ranks in order', async (leaver) => {
    const network = new Network();
    const members = await groupOf(3, { onLeave: 'continue' }, network);
    members[leaver]!.leave();
    await network.run();
    const left = members.filter((_, rank) => rank !== leaver);
    expect(left.map(({ rank, size }) => [rank, size])).toEqual([
      [0, 2],
      [1, 2],
    ]);
    const sums = left.map(async (member) => member.allReduce(Float32Array.of(1)));
    await network.run();
    expect(await Promise.all(sums)).toEqual([Float32Array.of(2), Float32Array.of(2)]);
  });

  it('ends the group where fewer are left than go on', async () => {
    const network = new Network();
    const members = await groupOf(3, { onLeave: 'continue', atLeast: 3 }, network);
    network.kill('c');
    const calls = members.slice(0, 2).map(async (member) => caught(member.allReduce(Float32Array.of(1))));
    await network.run();
    for (const call of calls)
      expect(await call).toContain(`'c' is gone; 2 of the at least 3 members that go on are left`);
  });

  it.each([0, 1])('silently, of rank %i: a timeout notices', async (silent) => {
    for (const onLeave of ['error', 'continue'] as const) {
      const network = new Network();
      const members = await groupOf(3, { onLeave, timeout: 40 }, network);
      network.kill(NAMES[silent]!, false);
      const calls = members
        .filter((_, rank) => rank !== silent)
        .map(async (member) => {
          const sum = member.allReduce(Float32Array.of(1), { label: 'x' }).then(([total]) => `sum ${total}`);
          return sum.catch(({ code, message }) => `${code} ${message}`);
        });
      const outcome = Promise.all(calls);
      let done = false;
      void outcome.then(() => (done = true));
      while (!done) {
        await network.run();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      const error = `peer '${NAMES[silent]}' sent nothing for 'x' within ${silent === 0 ? 80 : 40} ms; the group ends`;
      for (const call of await outcome) {
        expect(call).toContain(onLeave === 'error' ? error : 'sum 2');
      }
    }
  });

  it('by mistake, is told so', async () => {
    const network = new Network();
    const members = await groupOf(2, { onLeave: 'continue', timeout: 20 }, network);
    expect(await members[0]!.allReduce(Float32Array.of(1))).toEqual(Float32Array.of(1));
    const late = caught(members[1]!.allReduce(Float32Array.of(1)));
    await network.run();
    expect(await late).toContain(`NormError peer: 'a' took this member for lost and goes on without it`);
  });
});

describe('members that die at any time', () => {
  it('leave the others with the same bits, in which everybody who is left takes part', async () => {
    let losses = 0;
    const property = fc.asyncProperty(
      fc.integer({ min: 2, max: 5 }),
      fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 3 }),
      fc.integer(),
      async (size, moments, draws) => {
        const random = new Random(draws);
        const network = new Network(() => random.uniform());
        const members = await groupOf(size, { onLeave: 'continue' }, network);
        const dead = new Set<number>();
        // Powers of two: a sum tells whose parts are in it.
        const results = members.map((): number[] => []);
        members.forEach((member, rank) => {
          void (async () => {
            for (let step = 0; step < 5; step++)
              results[rank]!.push((await member.allReduce(Float32Array.of(1 << rank)))[0]!);
          })().catch(() => {});
        });
        const begun = network.delivered;
        await network.run(() => {
          for (const moment of moments) {
            if (network.delivered - begun !== moment || dead.size === size - 1) continue;
            const victim = Math.floor(random.uniform() * size);
            if (dead.has(victim)) continue;
            dead.add(victim);
            network.kill(NAMES[victim]!);
          }
        });
        losses += dead.size;
        const left = results.filter((_, rank) => !dead.has(rank));
        const everybody = members.reduce((bits, _, rank) => (dead.has(rank) ? bits : bits | (1 << rank)), 0);
        for (const result of left) {
          expect(result).toHaveLength(5);
          expect(result).toEqual(left[0]);
          for (const bits of result) expect(bits & everybody).toBe(everybody);
        }
        for (const member of members) member.leave();
      },
    );
    await fc.assert(property, { seed, numRuns: 300 });
    expect(losses).toBeGreaterThan(100);
  });
});
