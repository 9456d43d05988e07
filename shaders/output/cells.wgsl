// The results of one group, cell by cell: weight and bias are constant in each.

import package::walk::{Place};
import package::source::measured::{source_of};
import package::math::normalized::{normalized};
import package::weight::none::{weight_at, weighted};
import package::bias::none::{bias_at, biased};
import package::pass::{x, y, x_offset, CELLS, CELL_START, CELL_STEP};

fn write_output(place: Place) {
    let statistics = source_of(place);
    let length = (place.end - place.start) / CELLS;
    for (var cell = 0u; cell < CELLS; cell++) {
        let first = place.start + cell * CELL_START;
        let weight = weight_at(place.group, first);
        let bias = bias_at(place.group, first);
        for (var k = 0u; k < length; k++) {
            let offset = x_offset(place.group, first + k * CELL_STEP);
            y[offset] = biased(weighted(normalized(x[offset], statistics), weight), bias);
        }
    }
}
