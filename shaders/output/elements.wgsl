// The results of one group, with a weight and a bias for each load.

import package::walk::{Place, element_of};
import package::source::measured::{source_of};
import package::tile::memory::{rounds_of, holds, item};
import package::math::normalized::{normalized};
import package::math::result::{result_of};
import package::weight::none::{weight_at};
import package::bias::none::{bias_at};
import package::sum::none::{keep_sum};
import package::shown::all::{shown};
import package::pass::{store_y};

fn write_output(place: Place) {
    let statistics = source_of(place);
    let rounds = rounds_of(place);
    for (var k = 0u; k < rounds; k++) {
        if (holds(place, k)) {
            let element = element_of(place, k);
            let value = item(place, k);
            keep_sum(place.group, element, shown(place.group, element, value));
            let unit = normalized(value, statistics);
            let result = result_of(unit, weight_at(place.group, element), bias_at(place.group, element));
            store_y(place.group, element, shown(place.group, element, result));
        }
    }
}
