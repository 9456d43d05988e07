// A unit is one invocation: nothing to exchange.

import package::vector::scalar::{Accumulator};
import package::walk::{Place};
import package::pass::{WORKGROUP};

struct Pair {
    a: Accumulator,
    b: Accumulator,
}

fn unit_of(workgroup: u32, local: u32) -> u32 { return workgroup * WORKGROUP + local; }
fn lane_of(local: u32) -> u32 { return 0u; }

fn reduce_sums(place: Place, pair: Pair) -> Pair { return pair; }
fn reduce_sum_and_peak(place: Place, pair: Pair) -> Pair { return pair; }
