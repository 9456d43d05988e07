// The statistics are the running ones of the group's channel.

import package::vector::scalar::{Accumulator};
import package::math::moments::{Moments, Statistics};
import package::statistic::mean_variance::{statistics_of};
import package::pass::{running_mean, running_var, channel_offset};

fn source_of(group: u32) -> Statistics {
    let channel = channel_offset(group, 0u);
    let mean = Accumulator(running_mean[channel]);
    let variance = Accumulator(running_var[channel]);
    return statistics_of(Moments(mean, Accumulator(0.0), sqrt(variance), 1.0));
}
