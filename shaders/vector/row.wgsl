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

// Sums without what another load brings too, and which elements of a load a store writes: here all of them.
fn counted(element: u32, value: Value) -> Value { return value; }
fn stores(group: u32, element: u32, lane: u32) -> bool { return true; }
fn elements_before(element: u32) -> u32 { return element * 4u; }
