// Merges the moments of each group's parts, keeps its statistics and updates the running ones.
//
// The corrected two-pass once more, its elements being parts with a count and a deviation of their own (Chan, Golub
// and LeVeque 1979): variance = sum(share · (deviation² + distance²)) - correction².
// Grid: one unit a group, LENGTH parts each. Traffic: four numbers a part, up to five a group.

import package::reduce::invocation::{Pair, reduce_sums, reduce_sum_and_peak};
import package::walk::{Place, locate, leads, element_of};
import package::math::moments::{Moments, settled};
import package::math::magnitude::{magnitude_of};
import package::math::planes::{MEAN, CORRECTION, DEVIATION, COUNT, in_plane};
import package::math::power_of_two::{exponent_of, scale_down, scale_up};
import package::statistic::mean_variance::{SHIFTED, AVERAGED, MAXIMAL, statistics_of};
import package::save::statistics::{save};
import package::running::none::{update_running};
import package::unbiasing::constant::{is_tracked, unbiasing_of};
import package::pass::{call, partials, part_offset, WORKGROUP, BLOCK, BLOCKS};

fn part(plane: u32, place: Place, k: u32) -> f32 {
    return partials[plane * call.part_plane + part_offset(place.group, element_of(place, k))];
}

fn merged_magnitude(place: Place, count: f32, all: f32) -> Moments {
    var rough = Pair(0.0, 0.0);
    for (var k = 0u; k < BLOCKS * BLOCK; k++) {
        if (element_of(place, k) < place.end) {
            let magnitude = part(DEVIATION, place, k);
            rough.a += magnitude * (part(COUNT, place, k) / count);
            rough.b = max(rough.b, magnitude);
        }
    }
    let norm = magnitude_of(reduce_sum_and_peak(place, rough));
    var ties = 0.0;
    for (var k = 0u; k < BLOCKS * BLOCK; k++) {
        if (element_of(place, k) < place.end) {
            ties += select(0.0, part(CORRECTION, place, k), part(DEVIATION, place, k) == norm);
        }
    }
    return Moments(0.0, reduce_sums(place, Pair(ties, 0.0)).a, norm, all);
}

fn merged(place: Place) -> Moments {
    var counted = 0.0;
    for (var k = 0u; k < BLOCKS * BLOCK; k++) {
        if (element_of(place, k) < place.end) {
            counted += part(COUNT, place, k);
        }
    }
    let all = reduce_sums(place, Pair(counted, 0.0)).a;
    // Where nothing counts, everything is zero.
    let count = max(all, 1.0);

    if (MAXIMAL) {
        return merged_magnitude(place, count, all);
    }

    let first = partials[MEAN * call.part_plane + part_offset(place.group, 0u)];
    var rough = Pair(0.0, 0.0);
    for (var k = 0u; k < BLOCKS * BLOCK; k++) {
        if (element_of(place, k) < place.end) {
            let distance = (part(MEAN, place, k) - first) + part(CORRECTION, place, k);
            rough.a += distance * (part(COUNT, place, k) / count);
            rough.b = max(rough.b, max(abs(distance), part(DEVIATION, place, k)));
        }
    }
    rough = reduce_sum_and_peak(place, rough);
    var mean = 0.0;
    if (SHIFTED) {
        mean = first + rough.a;
    }

    let exponent = exponent_of(rough.b);
    let scale = scale_down(exponent);
    var sums = Pair(0.0, 0.0);
    for (var k = 0u; k < BLOCKS * BLOCK; k++) {
        if (element_of(place, k) < place.end) {
            let share = part(COUNT, place, k) / count;
            let distance = ((part(MEAN, place, k) - mean) + part(CORRECTION, place, k)) * scale;
            let deviation = part(DEVIATION, place, k) * scale;
            sums.a += share * distance;
            sums.b += share * (deviation * deviation + distance * distance);
        }
    }
    sums = reduce_sums(place, sums);
    var correction = 0.0;
    if (AVERAGED) {
        correction = sums.a;
    }
    let variance = sums.b - correction * correction;
    let deviation = sqrt(select(variance, 0.0, variance < 0.0));
    return Moments(mean, correction * scale_up(exponent), deviation * scale_up(exponent), all);
}

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) workgroup: vec3u,
    @builtin(num_workgroups) workgroups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let place = locate(workgroup, workgroups, local);
    let moments = settled(merged(place));
    save(place, moments, statistics_of(moments));
    if (leads(place) && is_tracked(moments.count)) {
        let variance = moments.deviation * moments.deviation;
        update_running(place.group, moments.mean, variance * unbiasing_of(moments.count));
    }
}
