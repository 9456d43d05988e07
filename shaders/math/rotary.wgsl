// Where the rotation of a load is: its position among what is normalized, and its token's row in the tables of cos and sin.

import package::pass::{shape, position_offset, token_offset, load_positions, HAS_POSITIONS, POSITION_SCALE};

fn position_of(group: u32, element: u32) -> u32 { return position_offset(group, element) * POSITION_SCALE; }

// The index of the row's first number. A position beyond the tables has their last row.
fn row_start(group: u32, element: u32) -> u32 {
    var row = token_offset(group, element);
    if (HAS_POSITIONS) {
        row = min(load_positions(row), shape.rotary_rows - 1u);
    }
    return row * shape.rotary_pairs;
}
