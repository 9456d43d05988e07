// running = (1 - momentum) · running + momentum · batch.

import package::pass::{call, running_mean, running_var};

fn update_running(channel: u32, mean: f32, variance: f32) {
    running_mean[channel] = (1.0 - call.momentum) * running_mean[channel] + call.momentum * mean;
    running_var[channel] = (1.0 - call.momentum) * running_var[channel] + call.momentum * variance;
}
