// The results of one group, cell by cell: weight and bias are constant in each.

import package::walk::{Place};
import package::source::measured::{source_of};
import package::math::normalized::{normalized};
import package::math::result::{result_of};
import package::weight::none::{weight_at};
import package::bias::none::{bias_at};
import package::input::alone::{input_at};
import package::sum::none::{keep_sum};
import package::shown::all::{shown};
import package::pass::{store_y, CELLS, CELL_START, CELL_STEP};

fn write_output(place: Place) {
    let statistics = source_of(place);
    let length = (place.end - place.start) / CELLS;
    for (var cell = 0u; cell < CELLS; cell++) {
        let first = place.start + cell * CELL_START;
        let weight = weight_at(place.group, first);
        let bias = bias_at(place.group, first);
        for (var k = 0u; k < length; k++) {
            let element = first + k * CELL_STEP;
            let value = input_at(place.group, element);
            keep_sum(place.group, element, shown(place.group, element, value));
            let result = result_of(normalized(value, statistics), weight, bias);
            store_y(place.group, element, shown(place.group, element, result));
        }
    }
}
