// y of one group, segment by segment: weight and bias are constant in each.

import package::work_item::{WorkItem};
import package::source::computed::{source_statistics};
import package::rotation::none::{write_y};
import package::fusion::{input_at, weight_at, bias_at};
import package::pass::{shape};

fn write_output(item: WorkItem) {
    let statistics = source_statistics(item);
    let length = (item.end - item.first) / shape.segments;
    for (var segment = 0u; segment < shape.segments; segment++) {
        let first = item.first + segment * shape.segment_start;
        let weight = weight_at(item.group, first);
        let bias = bias_at(item.group, first);
        for (var k = 0u; k < length; k++) {
            let element = first + k * shape.segment_step;
            write_y(item.group, element, input_at(item.group, element), statistics, weight, bias);
        }
    }
}
