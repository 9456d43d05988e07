// What an element feels of its group's sums over dy: nothing where the statistics are not of it, not even what a NaN times 0 is.

import package::vector::scalar::{Value};
import package::math::group::{Group};
import package::member::all::{where_counting};

fn felt_unit(index: u32, element: u32, unit: Value) -> Value { return where_counting(index, element, unit); }

fn felt(index: u32, element: u32, group: Group) -> Group {
    return Group(
        group.mean,
        group.correction,
        group.scale,
        where_counting(index, element, group.level),
        where_counting(index, element, group.slope),
    );
}
