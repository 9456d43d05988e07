// Merges the moments of each group's parts, keeps its statistics and updates the running ones.
//
// The corrected two-pass once more, its elements being parts with a count and a deviation of their own (Chan, Golub
// and LeVeque 1979): variance = sum(count_i / count · (deviation_i² + distance_i²)) - mean_lo².
// Grid: one item a group, shape.length parts each. Traffic: four numbers a part, up to five a group.

import package::reduce::invocation::{Pair, reduce_sums, reduce_sum_and_max};
import package::work_item::{WorkItem, is_writer, iterations};
import package::tile::memory::{BLOCK, element_at, in_tile};
import package::math::moments::{Moments, renormalized};
import package::math::planes::{MEAN, MEAN_LO, DEVIATION, COUNT};
import package::math::magnitude::{magnitude_of};
import package::math::black_box::{black_box};
import package::math::bounds::{at_least_in_all};
import package::math::power_of_two::{exponent_of, scale_down, scale_up};
import package::math::running::{track};
import package::math::save::{save};
import package::statistic::mean_variance::{SHIFTED, AVERAGED, MAXIMAL, statistics_of};
import package::pass::{load_partials, part_offset};

struct Part {
    moments: Moments,
    // 0 where there is no such part.
    weight: f32,
}

fn number_of(plane: u32, item: WorkItem, k: u32) -> f32 {
    return load_partials(plane, part_offset(item.group, element_at(item, k)));
}

fn part_at(item: WorkItem, k: u32, inv_count: f32) -> Part {
    let moments = Moments(
        number_of(MEAN, item, k), number_of(MEAN_LO, item, k), number_of(DEVIATION, item, k), number_of(COUNT, item, k),
    );
    return Part(moments, select(0.0, moments.count * inv_count, in_tile(item, k)));
}

fn merged_magnitude(item: WorkItem, inv_count: f32, all: f32) -> Moments {
    var rough = Pair(0.0, 0.0);
    for (var first = 0u; first < iterations(item); first += BLOCK) {
        for (var k = 0u; k < BLOCK; k++) {
            let part = part_at(item, first + k, inv_count);
            let magnitude = select(0.0, part.moments.deviation, in_tile(item, first + k));
            rough.a += magnitude * part.weight;
            rough.b = max(rough.b, magnitude);
        }
    }
    let norm = magnitude_of(reduce_sum_and_max(item, rough));
    var ties = 0.0;
    for (var first = 0u; first < iterations(item); first += BLOCK) {
        for (var k = 0u; k < BLOCK; k++) {
            let part = part_at(item, first + k, inv_count);
            ties += select(0.0, part.moments.mean_lo, part.moments.deviation == norm && in_tile(item, first + k));
        }
    }
    return Moments(0.0, reduce_sums(item, Pair(ties, 0.0)).a, norm, all);
}

fn merged(item: WorkItem) -> Moments {
    var included = 0.0;
    for (var first = 0u; first < iterations(item); first += BLOCK) {
        for (var k = 0u; k < BLOCK; k++) {
            included += select(0.0, number_of(COUNT, item, first + k), in_tile(item, first + k));
        }
    }
    let all = reduce_sums(item, Pair(included, 0.0)).a;
    // Where nothing is included, everything is zero.
    let inv_count = 1.0 / max(all, 1.0);

    if (MAXIMAL) {
        return merged_magnitude(item, inv_count, all);
    }

    let reference = black_box(load_partials(MEAN, part_offset(item.group, 0u)));
    var rough = Pair(0.0, 0.0);
    for (var first = 0u; first < iterations(item); first += BLOCK) {
        for (var k = 0u; k < BLOCK; k++) {
            let part = part_at(item, first + k, inv_count);
            let from_reference = (part.moments.mean - reference) + part.moments.mean_lo;
            let distance = select(0.0, from_reference, in_tile(item, first + k));
            let deviation = select(0.0, part.moments.deviation, in_tile(item, first + k));
            rough.a += distance * part.weight;
            rough.b = max(rough.b, max(abs(distance), deviation));
        }
    }
    rough = reduce_sum_and_max(item, rough);
    var mean = 0.0;
    if (SHIFTED) {
        mean = reference + rough.a;
    }

    let exponent = exponent_of(rough.b);
    let scale = scale_down(exponent);
    var sums = Pair(0.0, 0.0);
    for (var first = 0u; first < iterations(item); first += BLOCK) {
        for (var k = 0u; k < BLOCK; k++) {
            let part = part_at(item, first + k, inv_count);
            let from_mean = (black_box(part.moments.mean - mean) + part.moments.mean_lo) * scale;
            let distance = select(0.0, from_mean, in_tile(item, first + k));
            let deviation = select(0.0, part.moments.deviation * scale, in_tile(item, first + k));
            sums.a += part.weight * distance;
            sums.b += part.weight * (deviation * deviation + distance * distance);
        }
    }
    sums = reduce_sums(item, sums);
    var mean_lo = 0.0;
    if (AVERAGED) {
        mean_lo = sums.a;
    }
    let variance = sums.b - mean_lo * mean_lo;
    let deviation = sqrt(at_least_in_all(variance, 0.0));
    return Moments(mean, mean_lo * scale_up(exponent), deviation * scale_up(exponent), all);
}

fn run(item: WorkItem) {
    let moments = renormalized(merged(item));
    save(item, moments, statistics_of(item.group, moments));
    if (is_writer(item)) {
        track(item.group, moments);
    }
}
