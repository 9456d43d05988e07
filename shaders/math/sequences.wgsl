// Packed sequences: their rows lie one after the other, and starts tell where each begins. Each has shape.columns groups (or fours of them).
// Whatever the starts are, no row beyond shape.rows is one of a sequence, and none is reached.

import package::pass::{shape, load_sequence_starts};

fn start_of(sequence: u32) -> u32 { return min(load_sequence_starts(sequence), shape.rows); }

// Rows of the sequence that a group is of.
fn rows_of(group: u32) -> u32 {
    let sequence = group / shape.columns;
    let start = start_of(sequence);
    return max(start_of(sequence + 1u), start) - start;
}

// A row of that sequence, among those of all.
fn row_at(group: u32, row: u32) -> u32 {
    return min(start_of(group / shape.columns) + row, shape.rows - 1u);
}
