// Merges the moments of each group's parts, keeps its statistics and updates the running ones.
//
// The corrected two-pass once more, its elements being parts with a count and a deviation of their own (Chan, Golub
// and LeVeque 1979): variance = sum(count_i / count · (deviation_i² + distance_i²)) - mean_lo².
// Grid: one item a group, shape.length parts each. Traffic: four numbers a part, up to five a group.

import package::reduce::invocation::{Pair, reduce_sums, reduce_sum_and_max};
import package::work_item::{WorkItem, is_writer, load_index};
import package::math::moments::{Moments, renormalized};
import package::math::planes::{MEAN, MEAN_LO, DEVIATION, COUNT};
import package::math::magnitude::{magnitude_of};
import package::math::power_of_two::{exponent_of, scale_down, scale_up};
import package::math::running::{track};
import package::math::save::{save};
import package::statistic::mean_variance::{SHIFTED, AVERAGED, MAXIMAL, statistics_of};
import package::pass::{shape, load_partials, part_offset};

fn part_of(plane: u32, item: WorkItem, k: u32) -> f32 {
    return load_partials(plane, part_offset(item.group, load_index(item, k)));
}

fn merged_magnitude(item: WorkItem, count: f32, all: f32) -> Moments {
    var rough = Pair(0.0, 0.0);
    for (var k = 0u; k < shape.blocks * shape.block_length; k++) {
        if (load_index(item, k) < item.end) {
            let magnitude = part_of(DEVIATION, item, k);
            rough.a += magnitude * (part_of(COUNT, item, k) / count);
            rough.b = max(rough.b, magnitude);
        }
    }
    let norm = magnitude_of(reduce_sum_and_max(item, rough));
    var ties = 0.0;
    for (var k = 0u; k < shape.blocks * shape.block_length; k++) {
        if (load_index(item, k) < item.end) {
            ties += select(0.0, part_of(MEAN_LO, item, k), part_of(DEVIATION, item, k) == norm);
        }
    }
    return Moments(0.0, reduce_sums(item, Pair(ties, 0.0)).a, norm, all);
}

fn merged(item: WorkItem) -> Moments {
    var included = 0.0;
    for (var k = 0u; k < shape.blocks * shape.block_length; k++) {
        if (load_index(item, k) < item.end) {
            included += part_of(COUNT, item, k);
        }
    }
    let all = reduce_sums(item, Pair(included, 0.0)).a;
    // Where nothing is included, everything is zero.
    let count = max(all, 1.0);

    if (MAXIMAL) {
        return merged_magnitude(item, count, all);
    }

    let first = load_partials(MEAN, part_offset(item.group, 0u));
    var rough = Pair(0.0, 0.0);
    for (var k = 0u; k < shape.blocks * shape.block_length; k++) {
        if (load_index(item, k) < item.end) {
            let distance = (part_of(MEAN, item, k) - first) + part_of(MEAN_LO, item, k);
            rough.a += distance * (part_of(COUNT, item, k) / count);
            rough.b = max(rough.b, max(abs(distance), part_of(DEVIATION, item, k)));
        }
    }
    rough = reduce_sum_and_max(item, rough);
    var mean = 0.0;
    if (SHIFTED) {
        mean = first + rough.a;
    }

    let exponent = exponent_of(rough.b);
    let scale = scale_down(exponent);
    var sums = Pair(0.0, 0.0);
    for (var k = 0u; k < shape.blocks * shape.block_length; k++) {
        if (load_index(item, k) < item.end) {
            let weight = part_of(COUNT, item, k) / count;
            let distance = ((part_of(MEAN, item, k) - mean) + part_of(MEAN_LO, item, k)) * scale;
            let deviation = part_of(DEVIATION, item, k) * scale;
            sums.a += weight * distance;
            sums.b += weight * (deviation * deviation + distance * distance);
        }
    }
    sums = reduce_sums(item, sums);
    var mean_lo = 0.0;
    if (AVERAGED) {
        mean_lo = sums.a;
    }
    let variance = sums.b - mean_lo * mean_lo;
    let deviation = sqrt(select(variance, 0.0, variance < 0.0));
    return Moments(mean, mean_lo * scale_up(exponent), deviation * scale_up(exponent), all);
}

fn run(item: WorkItem) {
    let moments = renormalized(merged(item));
    save(item, moments, statistics_of(moments));
    if (is_writer(item)) {
        track(item.group, moments);
    }
}
