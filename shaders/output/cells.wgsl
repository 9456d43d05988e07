// The results of one group, cell by cell: weight and bias are constant in each.

import package::walk::{Place};
import package::source::measured::{source_of};
import package::math::normalized::{normalized};
import package::weight::none::{weight_at, weighted};
import package::bias::none::{bias_at, biased};
import package::pass::{load_x, store_y, CELLS, CELL_START, CELL_STEP};

fn write_output(place: Place) {
    let statistics = source_of(place);
    let length = (place.end - place.start) / CELLS;
    for (var cell = 0u; cell < CELLS; cell++) {
        let first = place.start + cell * CELL_START;
        let weight = weight_at(place.group, first);
        let bias = bias_at(place.group, first);
        for (var k = 0u; k < length; k++) {
            let element = first + k * CELL_STEP;
            let value = weighted(normalized(load_x(place.group, element), statistics), weight);
            store_y(place.group, element, biased(value, bias));
        }
    }
}
