import { describe, expect, it, vi } from 'vitest';
import { MOST } from '../../src/runtime/bounds.ts';
import { Ledger } from '../../src/runtime/ledger.ts';
import { UNIFORM_SLOT, UniformArena } from '../../src/runtime/uniform-arena.ts';
import { PretendDevice } from './pretend-device.ts';

function pretendArena() {
  const written: number[] = [];
  const queue = { writeBuffer: (_: unknown, offset: number) => void written.push(offset) };
  const device = Object.assign(new PretendDevice(), { queue });
  const gone = vi.fn();
  return { arena: new UniformArena(device as unknown as GPUDevice, new Ledger(), gone), written, gone, device };
}

/** As many bytes as those below have, or any that fit a slot. */
const SMALL = 8;

/** A uniform that differs from others in one number. */
const uniformOf = (number: number): ArrayBuffer => Uint32Array.of(7, number).buffer;

describe('uniforms', () => {
  it('are written once, and keep their slot for as long as they are used among ever new ones', () => {
    const { arena, written } = pretendArena();
    arena.reserve(1, SMALL);
    const own = arena.slotOf(uniformOf(0));
    for (let length = 1; length < 5 * MOST.uniformSlots; length++) {
      arena.reserve(1, SMALL);
      arena.slotOf(uniformOf(length));
      if (length % 100 === 0) expect(arena.slotOf(uniformOf(0))).toBe(own);
    }
    expect(own.dropped).toBe(false);
    expect(written.filter((offset) => offset === own.offset)).toHaveLength(1);
    expect(arena.size).toBe(MOST.uniformSlots);
  });

  it('take the slot of those used longest ago, which are told', () => {
    const { arena } = pretendArena();
    arena.reserve(1, SMALL);
    const slots = Array.from({ length: MOST.uniformSlots }, (_, length) => arena.slotOf(uniformOf(length)));
    expect(new Set(slots.map(({ offset }) => offset))).toEqual(new Set(slots.map((_, index) => index * UNIFORM_SLOT)));
    arena.use(slots[0]!);
    const taken = arena.slotOf(uniformOf(-1));
    expect(taken.offset).toBe(slots[1]!.offset);
    expect(slots.map(({ dropped }) => dropped)).toEqual(slots.map((_, index) => index === 1));
  });

  it('of one plan never take each other’s, however many', () => {
    const { arena, gone } = pretendArena();
    for (const passes of [MOST.uniformSlots, MOST.uniformSlots + 1, 3 * MOST.uniformSlots]) {
      arena.reserve(1, SMALL);
      arena.slotOf(uniformOf(0));
      arena.reserve(passes, SMALL);
      const slots = Array.from({ length: passes }, (_, pass) => arena.slotOf(uniformOf(passes + pass)));
      expect(new Set(slots.map(({ offset }) => offset)).size).toBe(passes);
      expect(slots.some(({ dropped }) => dropped)).toBe(false);
    }
    expect(gone).toHaveBeenCalledTimes(2);
  });

  it('of more bytes than others take larger slots of another buffer, until that is trimmed', () => {
    const { arena, gone } = pretendArena();
    const small = arena.reserve(1, UNIFORM_SLOT);
    const own = arena.slotOf(uniformOf(0));
    const large = arena.reserve(2, UNIFORM_SLOT + 4);
    expect([large === small, own.dropped, arena.slotBytes]).toEqual([false, true, 2 * UNIFORM_SLOT]);
    expect(gone).toHaveBeenCalledExactlyOnceWith(small.id);
    expect([0, 1].map((number) => arena.slotOf(uniformOf(number)).offset)).toEqual([0, 2 * UNIFORM_SLOT]);
    expect(arena.reserve(MOST.uniformSlots - 2, SMALL)).toBe(large);
    expect(large.size).toBe(MOST.uniformSlots * 2 * UNIFORM_SLOT);
    arena.trim();
    expect(arena.reserve(1, SMALL).size).toBe(MOST.uniformSlots * UNIFORM_SLOT);
  });

  it('of more bytes have slots as large in the buffer that follows one which an encoder of the app’s mentions', () => {
    const { arena } = pretendArena();
    const large = arena.reserve(1, UNIFORM_SLOT + 4);
    for (let number = 0; number < MOST.uniformSlots; number++) arena.slotOf(uniformOf(number));
    large.pending = 1;
    expect(arena.reserve(2, UNIFORM_SLOT + 4)).not.toBe(large);
    expect(arena.slotBytes).toBe(2 * UNIFORM_SLOT);
    expect([0, 1].map((number) => arena.slotOf(uniformOf(number)).offset)).toEqual([0, 2 * UNIFORM_SLOT]);
  });

  it('take another buffer rather than one over that an encoder of the app’s mentions', () => {
    const { arena, gone } = pretendArena();
    const first = arena.reserve(1, SMALL);
    const slots = Array.from({ length: MOST.uniformSlots }, (_, length) => arena.slotOf(uniformOf(length)));
    first.pending = 1;
    expect(arena.reserve(1, SMALL)).not.toBe(first);
    expect(gone).toHaveBeenCalledExactlyOnceWith(first.id);
    expect(slots.every(({ dropped }) => dropped)).toBe(true);
  });
});
