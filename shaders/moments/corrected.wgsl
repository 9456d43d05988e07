// The moments of one unit's elements, in two readings of what it holds.

import package::walk::{Place};
import package::math::moments::{Moments};
import package::math::tile_moments::{tile_moments};
import package::tile::memory::{rounds_of};

fn moments_of(place: Place) -> Moments { return tile_moments(place, rounds_of(place)); }
