// One element a load; one group at a time.

alias Value = f32;
alias ValueBits = u32;
alias Accumulator = f32;
alias AccumulatorBits = u32;

// What the elements of one load add to their group.
fn total(value: Value) -> Accumulator { return value; }
fn largest(value: Value) -> Accumulator { return value; }
fn first_of(value: Value) -> Accumulator { return value; }

// What a group has, of sums that may be over some of its elements only.
fn of_group(sum: Accumulator) -> Accumulator { return sum; }

// A value as four numbers, and back.
fn widened(value: Value) -> vec4f { return vec4f(value, 0.0, 0.0, 0.0); }
fn narrowed(value: vec4f) -> Value { return value.x; }
