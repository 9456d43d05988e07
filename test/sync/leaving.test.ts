import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { seed } from '../gpu/support/seed.ts';
import { Random } from '../gpu/support/random.ts';
import { joinGroup } from '../../src/sync/index.ts';
import type { Channel, ChannelEvents } from '../../src/sync/index.ts';
import { decode, encode, PROTOCOL } from '../../src/sync/message.ts';
import type { Message } from '../../src/sync/message.ts';
import { caught, groupOf, NAMES, Network } from './network.ts';

describe('a member that leaves', () => {
  afterEach(() => void vi.useRealTimers());

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
    // Time passes when nothing is under way, however busy the machine is.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
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
        await vi.advanceTimersByTimeAsync(5);
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

/** What was sent last may come after the news that its sender is gone, by another way. */
it('a result of who is gone is passed on to a member that asked for it before', async () => {
  const told: string[] = [];
  let events: ChannelEvents;
  const channel: Channel = {
    id: 'b',
    listen: (given) => (events = given),
    send: (data, to) => void told.push(`${decode(data)!.message.kind} to ${to}`),
    close: () => {},
  };
  const joining = joinGroup(channel, { size: 3, onLeave: 'continue' });
  const say = (from: string, message: Message, ...numbers: number[]): void =>
    events.message(encode(message, Float32Array.from(numbers)), from);
  const terms = { protocol: PROTOCOL, size: 3, version: '', onLeave: 'continue', atLeast: 1 } as const;
  for (const peer of ['a', 'c']) say(peer, { kind: 'hello', terms });
  say('a', { kind: 'start', members: ['a', 'b', 'c'] });
  const group = await joining;
  const step = group.allReduce(Float32Array.of(2));
  await new Promise((resolve) => setImmediate(resolve));
  told.length = 0;
  say('c', { kind: 'part', step: 1, label: 'allReduce', group: 'a' }, 4);
  say('a', { kind: 'result', step: 1, group: 'a' }, 7);
  expect(await step).toEqual(Float32Array.of(7));
  events!.leave('a');
  expect(told).toEqual(['drop to a', 'drop to c', 'result to c']);
  group.leave();
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
    // Rank 3 asks rank 1 before that hears of rank 0's death, and of the result.
    await fc.assert(property, { seed, numRuns: 300, examples: [[4, [27], 27]] });
    expect(losses).toBeGreaterThan(100);
  });
});
