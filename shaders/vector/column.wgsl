// One element of each of four neighbouring groups a load: the kept axis is the contiguous one.

alias Value = vec4f;
alias ValueBits = vec4u;
alias Accumulator = vec4f;
alias AccumulatorBits = vec4u;

// The sum of the lanes of a load, the largest of them, the first, and the largest of bits.
fn lane_sum(value: Value) -> Accumulator { return value; }
fn lane_max(value: Value) -> Accumulator { return value; }
fn first_lane(value: Value) -> Accumulator { return value; }
fn lane_peak(bits: ValueBits) -> AccumulatorBits { return bits; }

// The sum of a group, from accumulators that may be of some of its elements only.
fn group_sum(sum: Accumulator) -> Accumulator { return sum; }

// A value as four numbers, and back.
fn widened(value: Value) -> vec4f { return value; }
fn narrowed(value: vec4f) -> Value { return value; }
