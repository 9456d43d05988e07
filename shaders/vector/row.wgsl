// Four neighbouring elements of one group a load: the reduced axis is the contiguous one.

alias Value = vec4f;
alias ValueBits = vec4u;
alias Accumulator = f32;
alias AccumulatorBits = u32;

// What the elements of one load add to their group.
fn total(value: Value) -> Accumulator { return (value.x + value.y) + (value.z + value.w); }
fn largest(value: Value) -> Accumulator { return max(max(value.x, value.y), max(value.z, value.w)); }
fn first_of(value: Value) -> Accumulator { return value.x; }

// What a group has, of sums that may be over some of its elements only.
fn of_group(sum: Accumulator) -> Accumulator { return sum; }

// A value as four numbers, and back.
fn widened(value: Value) -> vec4f { return value; }
fn narrowed(value: vec4f) -> Value { return value; }
