// x and dy stay in memory and are read again by every pass over them (a cache serves the second reading).

import package::vector::scalar::{Value};
import package::work_item::{WorkItem};
import package::fusion::{masked};
import package::pass::{load_x, load_dy};

fn load_pair(item: WorkItem, k: u32, element: u32) {}
fn x_at(item: WorkItem, k: u32, element: u32) -> Value { return load_x(item.group, element); }
fn dy_at(item: WorkItem, k: u32, element: u32) -> Value { return masked(item.group, element, load_dy(item.group, element)); }
