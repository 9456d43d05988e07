// The results of four neighbouring groups that share weights and biases: those are loaded once for all four. Where fewer
// are left, the last is written again.

import package::vector::scalar::{Value};
import package::walk::{Place};
import package::source::measured::{source_of};
import package::math::moments::{Statistics};
import package::math::normalized::{normalized};
import package::math::result::{result_of};
import package::weight::none::{weight_at};
import package::bias::none::{bias_at};
import package::input::alone::{input_at};
import package::sum::none::{keep_sum};
import package::shown::all::{shown};
import package::pass::{call, store_y};

fn neighbour(place: Place, index: u32) -> Place {
    var other = place;
    other.group = min(place.group * 4u + index, call.total - 1u);
    return other;
}

fn write_row(group: u32, element: u32, statistics: Statistics, weight: Value, bias: Value) {
    let value = input_at(group, element);
    keep_sum(group, element, shown(group, element, value));
    store_y(group, element, shown(group, element, result_of(normalized(value, statistics), weight, bias)));
}

fn write_output(place: Place) {
    let a = neighbour(place, 0u);
    let b = neighbour(place, 1u);
    let c = neighbour(place, 2u);
    let d = neighbour(place, 3u);
    let of_a = source_of(a);
    let of_b = source_of(b);
    let of_c = source_of(c);
    let of_d = source_of(d);
    let count = place.end - place.start;
    for (var k = 0u; k < count; k++) {
        let element = place.start + k;
        let weight = weight_at(0u, element);
        let bias = bias_at(0u, element);
        write_row(a.group, element, of_a, weight, bias);
        write_row(b.group, element, of_b, weight, bias);
        write_row(c.group, element, of_c, weight, bias);
        write_row(d.group, element, of_d, weight, bias);
    }
}
