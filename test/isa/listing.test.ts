import { describe, expect, it } from 'vitest';
import { countsOf } from '../../bench/isa/listing.ts';

/** RDNA 3's names: loads of 16 and 8 bytes and of a half, three on their way at once; a loop, a barrier. */
const RDNA3 = `; Assembly
BB0:
	s_load_b128 s[4:7], s[2:3], null                            ; f4080101 f8000000
	buffer_load_b128 v[4:7], v1, s[4:7], 0 offen                ; e05c0000 80410401
	global_load_b64 v[8:9], v[2:3], off                         ; dc560000
	buffer_load_d16_hi_b16 v10, v1, s[4:7], 0 offen             ; e0880000
	s_waitcnt vmcnt(2) lgkmcnt(0)                               ; bf890007
	v_add_f32_e32 v4, v4, v5                                    ; 06080b04
	s_cbranch_execz BB3                                         ; bfa50002
BB1:
	buffer_load_b32 v11, v1, s[4:7], 0 offen                    ; e0500000
	s_waitcnt vmcnt(0)                                          ; bf8903f7
	v_add_f32_dpp v4, v4, v4 row_xmask:1 row_mask:0xf bank_mask:0xf ; 060808fa
	s_cbranch_scc0 BB1                                          ; bfa10001
BB2:
	s_cbranch_vccnz BB1                                         ; bfa40001
	v_permlanex16_b32 v6, v4, s0, s1                            ; d75c0006
	s_barrier                                                   ; bfbd0000
BB3:
	buffer_store_b128 v[4:7], v1, s[4:7], 0 offen               ; e0740000
	buffer_store_b16 v4, v1, s[4:7], 0 offen                    ; e0640000
	s_endpgm                                                    ; bfb00000
`;

/** The names before that, and those of waits after it. */
const OTHERS = `BB0:
	buffer_load_dwordx4 v[4:7], v1, s[4:7], 0 offen
	buffer_load_dwordx2 v[8:9], v1, s[4:7], 0 offen
	s_wait_loadcnt 0x1
	buffer_load_dword v10, v1, s[4:7], 0 offen
	global_load_ushort v11, v[2:3], off
	buffer_load_short_d16 v12, v1, s[4:7], 0 offen
	buffer_load_ubyte v13, v1, s[4:7], 0 offen
	s_waitcnt vmcnt(0)
	buffer_store_dwordx3 v[4:6], v1, s[4:7], 0 offen
	buffer_store_short v4, v1, s[4:7], 0 offen
	s_branch BB1
BB1:
	s_endpgm
`;

describe('what is counted in a listing', () => {
  it('is loads and stores by width, what is on its way, loops, barriers, values from other lanes', () => {
    expect(countsOf(RDNA3)).toEqual({
      loads: { 16: 1, 8: 1, 4: 1, 2: 1 },
      stores: { 16: 1, 2: 1 },
      loadsInFlight: 3,
      bytesInFlight: 26,
      loops: 1,
      barriers: 1,
      crossLane: 2,
    });
  });

  it('has other names on other cards', () => {
    expect(countsOf(OTHERS)).toEqual({
      loads: { 16: 1, 8: 1, 4: 1, 2: 2, 1: 1 },
      stores: { 12: 1, 2: 1 },
      // Of the first two the second, and four more: fewer bytes than the first two had.
      loadsInFlight: 5,
      bytesInFlight: 24,
      loops: 0,
      barriers: 0,
      crossLane: 0,
    });
  });

  it('is nothing where there is nothing', () => {
    expect(countsOf('')).toMatchObject({ loads: {}, stores: {}, loadsInFlight: 0, loops: 0 });
  });
});
