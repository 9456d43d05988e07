// The results of one group, with a weight and a bias for each load.

import package::walk::{Place, element_of};
import package::source::measured::{source_of};
import package::tile::memory::{rounds_of, holds, item};
import package::math::normalized::{normalized};
import package::weight::none::{weight_at, weighted};
import package::bias::none::{bias_at, biased};
import package::pass::{store_y};

fn write_output(place: Place) {
    let statistics = source_of(place);
    let rounds = rounds_of(place);
    for (var k = 0u; k < rounds; k++) {
        if (holds(place, k)) {
            let element = element_of(place, k);
            let value = weighted(normalized(item(place, k), statistics), weight_at(place.group, element));
            store_y(place.group, element, biased(value, bias_at(place.group, element)));
        }
    }
}
