// The moments of one item's elements, in two readings of its tile.

import package::work_item::{WorkItem};
import package::math::moments::{Moments};
import package::math::tile_moments::{tile_moments};
import package::tile::memory::{iterations};

fn moments_of(item: WorkItem) -> Moments { return tile_moments(item, iterations(item)); }
