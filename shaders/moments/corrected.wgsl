// The moments of one item's elements, in two readings of its tile.

import package::work_item::{WorkItem, iterations};
import package::tile::memory::{ROOM, HOLDS_ALL};
import package::math::moments::{Moments};
import package::math::tile_moments::{tile_moments};

fn moments_of(item: WorkItem) -> Moments {
    if (HOLDS_ALL) {
        return tile_moments(item, ROOM);
    }
    return tile_moments(item, iterations(item));
}
