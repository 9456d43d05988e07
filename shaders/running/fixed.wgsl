// running = (1 - momentum) · running + momentum · batch.

import package::pass::{call, running_mean, running_var, running_mean_start, running_var_start};

fn update_running(channel: u32, mean: f32, variance: f32) {
    running_mean[running_mean_start + channel] = (1.0 - call.momentum) * running_mean[running_mean_start + channel] + call.momentum * mean;
    running_var[running_var_start + channel] = (1.0 - call.momentum) * running_var[running_var_start + channel] + call.momentum * variance;
}
