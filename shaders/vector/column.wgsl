// One element of each of four neighbouring groups a load: the kept axis is the contiguous one.

alias Value = vec4f;
alias ValueBits = vec4u;
alias Accumulator = vec4f;
alias AccumulatorBits = vec4u;

// What the elements of one load add to their groups: each lane to its own.
fn total(value: Value) -> Accumulator { return value; }
fn largest(value: Value) -> Accumulator { return value; }
fn first_of(value: Value) -> Accumulator { return value; }

// What a group has, of sums that may be over some of its elements only.
fn of_group(sum: Accumulator) -> Accumulator { return sum; }

// A value as four numbers, and back.
fn widened(value: Value) -> vec4f { return value; }
fn narrowed(value: vec4f) -> Value { return value; }
