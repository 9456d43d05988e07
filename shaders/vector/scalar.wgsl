// One element a load; one group at a time.

alias Value = f32;
alias ValueBits = u32;
alias Accumulator = f32;
alias AccumulatorBits = u32;

// The sum of the lanes of a load, the largest of them, the first, and the largest of bits.
fn lane_sum(value: Value) -> Accumulator { return value; }
fn lane_max(value: Value) -> Accumulator { return value; }
fn first_lane(value: Value) -> Accumulator { return value; }
fn lane_peak(bits: ValueBits) -> AccumulatorBits { return bits; }

// The sum of a group, from accumulators that may be of some of its elements only.
fn group_sum(sum: Accumulator) -> Accumulator { return sum; }

// A value as four numbers, and back.
fn widened(value: Value) -> vec4f { return vec4f(value, 0.0, 0.0, 0.0); }
fn narrowed(value: vec4f) -> Value { return value.x; }
