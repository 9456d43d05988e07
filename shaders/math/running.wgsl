// Running statistics of a channel: running = (1 - momentum) · running + momentum · batch, or the average over all batches so far, this one
// counted. A group of fewer than LEAST_TRACKED elements has nothing to track: an unbiased variance takes two.

import package::vector::scalar::{Value, Accumulator, first_lane};
import package::math::moments::{Moments};
import package::pass::{
    call, HAS_RUNNING_MEAN, CUMULATIVE, COUNT_PER_GROUP, LEAST_TRACKED,
    load_num_batches_tracked, load_running_mean, load_running_var, store_running_mean, store_running_var,
};

fn is_tracked(count: Accumulator) -> bool { return !COUNT_PER_GROUP || all(count >= Accumulator(f32(LEAST_TRACKED))); }

// The factor from the biased variance of a group to the one that is tracked.
fn tracked_factor(count: Accumulator) -> Accumulator {
    if (COUNT_PER_GROUP) {
        return select(Accumulator(1.0), count / max(count - 1.0, Accumulator(1.0)), LEAST_TRACKED == 2u);
    }
    return Accumulator(call.tracked_factor);
}

fn update_running(channel: u32, mean: Accumulator, variance: Accumulator) {
    if (!HAS_RUNNING_MEAN) {
        return;
    }
    var momentum = call.momentum;
    if (CUMULATIVE) {
        momentum = 1.0 / f32(load_num_batches_tracked(0u));
    }
    let running_mean = first_lane(load_running_mean(channel, 0u));
    let running_var = first_lane(load_running_var(channel, 0u));
    store_running_mean(channel, 0u, Value((1.0 - momentum) * running_mean + momentum * mean));
    store_running_var(channel, 0u, Value((1.0 - momentum) * running_var + momentum * variance));
}

// A channel whose batch is one group; or four neighbours, of which each has as many elements.
fn track(channel: u32, moments: Moments) {
    if (is_tracked(moments.count)) {
        let variance = moments.deviation * moments.deviation;
        update_running(channel, moments.mean, variance * tracked_factor(moments.count));
    }
}

// A count of batches, one more: the largest u32 stays.
fn next_count(count: u32) -> u32 { return count + select(1u, 0u, count == 0xffffffffu); }
