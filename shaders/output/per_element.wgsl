// y of one group, with a weight and a bias for each load.

import package::work_item::{WorkItem, load_index};
import package::source::computed::{source_statistics};
import package::tile::memory::{iterations, in_tile, tile_at};
import package::math::x_hat::{normalized};
import package::fusion::{weight_at, bias_at, y_of, masked};
import package::pass::{store_y, store_residual_out};

fn write_output(item: WorkItem) {
    let statistics = source_statistics(item);
    let rounds = iterations(item);
    for (var k = 0u; k < rounds; k++) {
        if (in_tile(item, k)) {
            let element = load_index(item, k);
            let s = tile_at(item, k);
            store_residual_out(item.group, element, masked(item.group, element, s));
            let x_hat = normalized(s, statistics);
            let y = y_of(x_hat, weight_at(item.group, element), bias_at(item.group, element));
            store_y(item.group, element, masked(item.group, element, y));
        }
    }
}
