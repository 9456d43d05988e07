import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { decode, encode, PROTOCOL } from '../../src/sync/message.ts';
import { joinGroup } from '../../src/sync/index.ts';
import type { Channel, GroupOptions } from '../../src/sync/index.ts';
import { seed } from '../gpu/support/seed.ts';
import { Random } from '../gpu/support/random.ts';
import { caught, groupOf, LONG, NAMES, Network } from './network.ts';

describe('a group', () => {
  it('gives all members the same sum, of parts in the order of ranks', async () => {
    const network = new Network();
    const members = await groupOf(3, {}, network);
    expect(members.map(({ rank, size }) => [rank, size])).toEqual([0, 1, 2].map((rank) => [rank, 3]));
    const steps = members.map(async (member, rank) => {
      const merge = (parts: readonly Float32Array[]) => Float32Array.from(parts.map((part) => part[0]!));
      const order = await member.allReduce(Float32Array.of(rank), { merge });
      return [order, await member.allReduce(Float32Array.of([5, 0, 2][rank]!))];
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
    let reduced = 0;
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
      if (sums.length > 0) reduced++;
      expect(all.filter((end) => end === 'peer')).toHaveLength(3 - sums.length);
      expect(new Set(sums).size).toBeLessThanOrEqual(1);
      // Who has a sum is in it.
      for (const [index, end] of all.entries())
        if (typeof end === 'number') expect(end & (1 << index)).toBe(1 << index);
    });
    await fc.assert(property, { seed, numRuns: 200 });
    // In about 188 of them a group forms and ends its step.
    expect(reduced).toBeGreaterThan(150);
  });

  it('of three or four, of more peers that come in any order: groups that share peers end or go on, and none mixes with another', async () => {
    let reduced = 0;
    const property = fc.asyncProperty(
      fc.integer(),
      fc.constantFrom('error', 'continue'),
      fc.constantFrom(3, 4),
      async (draws, onLeave, size) => {
        const random = new Random(draws);
        const network = new Network(() => random.uniform());
        const members = new Set<number>();
        const ends = NAMES.map(async (id, index) => {
          const options = { size, timeout: LONG, onLeave, atLeast: Math.floor(size / 2) + 1 } as const;
          const group = await joinGroup(network.open(id), options);
          members.add(index);
          return (await group.allReduce(Float32Array.of(1 << index)))[0]!;
        });
        const all: (number | string | null)[] = ends.map(() => null);
        ends.forEach((end, index) => {
          void end.then(
            (sum) => (all[index] = sum),
            ({ code }: { code: string }) => (all[index] = code),
          );
        });
        await network.run();
        for (const [index, end] of all.entries()) {
          // Who is in no group may wait for more to come.
          if (members.has(index)) expect(end).not.toBeNull();
          if (typeof end !== 'number') continue;
          reduced++;
          // All who are in a sum, and have one, have that.
          expect(end & (1 << index)).toBe(1 << index);
          for (const [other, sum] of all.entries())
            if (end & (1 << other) && typeof sum === 'number') expect(sum).toBe(end);
        }
      },
    );
    await fc.assert(property, { seed, numRuns: 300 });
    expect(reduced).toBeGreaterThan(300);
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

  it('is not made where a peer differs before it begins: nothing is sent after that', async () => {
    const told: string[] = [];
    const terms = { protocol: PROTOCOL, size: 2, version: '', onLeave: 'error', atLeast: 1 } as const;
    const channel: Channel = {
      id: 'b',
      listen: (events) => {
        for (const peer of ['a', 'c']) events.message(encode({ kind: 'hello', terms }), peer);
        events.leave('a');
        events.message(encode({ kind: 'hello', terms: { ...terms, size: 3 } }), 'd');
      },
      send: (data, to) => void told.push(`${decode(data)!.message.kind} to ${to}`),
      close: () => void told.push('closed'),
    };
    expect(await caught(joinGroup(channel, { size: 2 }))).toContain("NormError mismatch: joinGroup: 'd' has size 3");
    expect(told).toEqual(['hello to a', 'hello to c', 'hello to d', 'closed']);
  });

  it('may wait longer than timers do, which fire at once beyond 2^31 ms', async () => {
    const network = new Network();
    const options = { size: 2, timeout: 2 ** 31 - 1 };
    const joining = [joinGroup(network.open('a'), { ...options, timeout: Number.MAX_SAFE_INTEGER })];
    await new Promise((resolve) => setTimeout(resolve, 20));
    joining.push(joinGroup(network.open('b'), options));
    await network.run();
    const [a, b] = await Promise.all(joining);
    const early = b!.allReduce(Float32Array.of(1));
    await network.run();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const sums = [early, a!.allReduce(Float32Array.of(1))];
    await network.run();
    expect(await Promise.all(sums)).toEqual([Float32Array.of(2), Float32Array.of(2)]);
  });

  it('is not made over a channel that throws, and says so once', async () => {
    const close = vi.fn();
    const broken = {
      id: 'a',
      send: () => {},
      close,
      listen: () => {
        throw new Error('no socket');
      },
    };
    await expect(joinGroup(broken, { size: 2, timeout: 1 })).rejects.toMatchObject({
      code: 'peer',
      message: 'joinGroup: the channel broke: no socket',
    });
    expect(close).toHaveBeenCalledOnce();
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
