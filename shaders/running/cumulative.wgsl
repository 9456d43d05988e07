// The plain average over all batches so far, this one counted: momentum = 1 / num_batches_tracked.

import package::pass::{running_mean, running_var, running_mean_start, running_var_start, num_batches_tracked};

fn update_running(channel: u32, mean: f32, variance: f32) {
    let share = 1.0 / f32(num_batches_tracked[0]);
    running_mean[running_mean_start + channel] = (1.0 - share) * running_mean[running_mean_start + channel] + share * mean;
    running_var[running_var_start + channel] = (1.0 - share) * running_var[running_var_start + channel] + share * variance;
}
