/** What is recorded and submitted meanwhile. */
export interface Commands {
  submits: number;
  passes: number;
  clears: number;
}

export function watchingCommands(device: GPUDevice, work: () => void): Commands {
  const seen: Commands = { submits: 0, passes: 0, clears: 0 };
  const { queue } = device;
  const { createCommandEncoder } = device;
  const { submit } = queue;
  queue.submit = (buffers) => {
    seen.submits++;
    submit.call(queue, buffers);
  };
  device.createCommandEncoder = (descriptor) => watched(createCommandEncoder.call(device, descriptor), seen);
  try {
    work();
  } finally {
    Object.assign(queue, { submit });
    Object.assign(device, { createCommandEncoder });
  }
  return seen;
}

function watched(encoder: GPUCommandEncoder, seen: Commands): GPUCommandEncoder {
  const { beginComputePass, clearBuffer } = encoder;
  encoder.beginComputePass = (descriptor) => {
    seen.passes++;
    return beginComputePass.call(encoder, descriptor);
  };
  encoder.clearBuffer = (buffer, offset, size) => {
    seen.clears++;
    clearBuffer.call(encoder, buffer, offset, size);
  };
  return encoder;
}
