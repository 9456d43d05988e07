// y of four neighbouring groups that share weight and bias: those are loaded once for all four. Where fewer are left, the last is written
// again.

import package::vector::scalar::{Value};
import package::work_item::{WorkItem};
import package::source::computed::{source_statistics};
import package::math::moments::{Statistics};
import package::rotation::none::{write_y};
import package::fusion::{input_at, weight_at, bias_at};
import package::pass::{call};

fn neighbour(item: WorkItem, index: u32) -> WorkItem {
    var other = item;
    other.group = min(item.group * 4u + index, call.group_count - 1u);
    return other;
}

fn write_row(group: u32, element: u32, statistics: Statistics, weight: Value, bias: Value) {
    write_y(group, element, input_at(group, element), statistics, weight, bias);
}

fn write_output(item: WorkItem) {
    let a = neighbour(item, 0u);
    let b = neighbour(item, 1u);
    let c = neighbour(item, 2u);
    let d = neighbour(item, 3u);
    let of_a = source_statistics(a);
    let of_b = source_statistics(b);
    let of_c = source_statistics(c);
    let of_d = source_statistics(d);
    for (var element = item.first; element < item.end; element++) {
        let weight = weight_at(0u, element);
        let bias = bias_at(0u, element);
        write_row(a.group, element, of_a, weight, bias);
        write_row(b.group, element, of_b, weight, bias);
        write_row(c.group, element, of_c, weight, bias);
        write_row(d.group, element, of_d, weight, bias);
    }
}
