// Four neighbouring elements of one group a load: the reduced axis is the contiguous one.

alias Value = vec4f;
alias ValueBits = vec4u;
alias Accumulator = f32;
alias AccumulatorBits = u32;

// The sum of the lanes of a load, the largest of them, the first, and the largest of bits.
fn lane_sum(value: Value) -> Accumulator { return (value.x + value.y) + (value.z + value.w); }
fn lane_max(value: Value) -> Accumulator { return max(max(value.x, value.y), max(value.z, value.w)); }
fn first_lane(value: Value) -> Accumulator { return value.x; }
fn lane_peak(bits: ValueBits) -> AccumulatorBits { return max(max(bits.x, bits.y), max(bits.z, bits.w)); }

// The sum of a group, from accumulators that may be of some of its elements only.
fn group_sum(sum: Accumulator) -> Accumulator { return sum; }

// A value as four numbers, and back.
fn widened(value: Value) -> vec4f { return value; }
fn narrowed(value: vec4f) -> Value { return value; }
