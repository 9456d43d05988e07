// x and dy are read once and held: HELD loads of each a lane, a number the compiler knows.

import package::vector::scalar::{Value};
import package::work_item::{WorkItem};
import package::fusion::{masked};
import package::pass::{load_x, load_dy, HELD};

var<private> held_x: array<Value, HELD>;
var<private> held_dy: array<Value, HELD>;

fn load_pair(item: WorkItem, k: u32, element: u32) {
    held_x[k] = load_x(item.group, element);
    held_dy[k] = masked(item.group, element, load_dy(item.group, element));
}
fn x_at(item: WorkItem, k: u32, element: u32) -> Value { return held_x[k]; }
fn dy_at(item: WorkItem, k: u32, element: u32) -> Value { return held_dy[k]; }
