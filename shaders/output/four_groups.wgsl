// y of four neighbouring groups that share weight and bias: those are loaded once for all four. Where fewer are left, the last is written
// again.

import package::vector::scalar::{Value};
import package::work_item::{WorkItem};
import package::source::computed::{source_statistics};
import package::math::moments::{Statistics};
import package::rotation::none::{write_y};
import package::fusion::{input_at, weight_at, bias_at};
import package::pass::{call};

const GROUPS = 4u;

fn neighbour(item: WorkItem, index: u32) -> WorkItem {
    var other = item;
    other.group = min(item.group * GROUPS + index, call.group_count - 1u);
    return other;
}

fn write_row(group: u32, element: u32, statistics: Statistics, weight: Value, bias: Value) {
    write_y(group, element, input_at(group, element), statistics, weight, bias);
}

// Statistics are computed in a loop: what a software adapter compiles most slowly is in its program once, not four times.
fn write_output(item: WorkItem) {
    var statistics: array<Statistics, GROUPS>;
    for (var index = 0u; index < GROUPS; index++) {
        statistics[index] = source_statistics(neighbour(item, index));
    }
    let a = neighbour(item, 0u).group;
    let b = neighbour(item, 1u).group;
    let c = neighbour(item, 2u).group;
    let d = neighbour(item, 3u).group;
    let of_a = statistics[0];
    let of_b = statistics[1];
    let of_c = statistics[2];
    let of_d = statistics[3];
    for (var element = item.first; element < item.end; element++) {
        let weight = weight_at(0u, element);
        let bias = bias_at(0u, element);
        write_row(a, element, of_a, weight, bias);
        write_row(b, element, of_b, weight, bias);
        write_row(c, element, of_c, weight, bias);
        write_row(d, element, of_d, weight, bias);
    }
}
