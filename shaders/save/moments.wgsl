// Keeps what normalizes the group, and its moments: five numbers, by one lane of the unit that sees its first chunk.

import package::vector::scalar::{Accumulator};
import package::walk::{Place, leads};
import package::math::moments::{Moments, Statistics};
import package::math::planes::{MEAN, CORRECTION, SCALE, DEVIATION, COUNT, in_plane};
import package::pass::{saved};

fn save(place: Place, moments: Moments, statistics: Statistics) {
    if (leads(place)) {
        saved[in_plane(MEAN, place.group)] = statistics.mean;
        saved[in_plane(CORRECTION, place.group)] = statistics.correction;
        saved[in_plane(SCALE, place.group)] = statistics.scale;
        saved[in_plane(DEVIATION, place.group)] = moments.deviation;
        saved[in_plane(COUNT, place.group)] = moments.count;
    }
}
