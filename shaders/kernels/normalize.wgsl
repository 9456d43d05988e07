// y = activation(x_hat · weight + bias).
//
// Where its statistics are computed, one item covers a whole group; where they are known, a chunk of one.
// Grid: one item a group (a row, four columns, or four rows) or a chunk of it. Traffic: x once where the item holds it in
// registers or its statistics are known, else twice, the second time mostly from a cache; y once; weight and bias once an
// element of y, once for four rows, or once a segment of a group (output/).

import package::work_item::{WorkItem};
import package::output::per_element::{write_output};

fn run(item: WorkItem) { write_output(item); }
