/** Textures of known bytes, and the bytes of textures. */

const COPY_SRC = 0x1;
const COPY_DST = 0x2;
const TEXTURE_BINDING = 0x4;
const RENDER_ATTACHMENT = 0x10;
const MAP_READ = 0x1;
const BUFFER_COPY_DST = 0x8;
/** What a row of a copied texture takes a multiple of. */
const ROW = 256;

/** Bytes a pixel. */
const BYTES: Partial<Record<GPUTextureFormat, number>> = {
  r8unorm: 1,
  rgba8unorm: 4,
  'rgba8unorm-srgb': 4,
  bgra8unorm: 4,
  rgb10a2unorm: 4,
  rgba16float: 8,
  rgba32float: 16,
};

export function textureOf(
  device: GPUDevice,
  format: GPUTextureFormat,
  size: readonly [width: number, height: number, layers?: number],
  bytes?: ArrayBufferView<ArrayBuffer>,
): GPUTexture {
  const usage = COPY_SRC | COPY_DST | TEXTURE_BINDING | RENDER_ATTACHMENT;
  const texture = device.createTexture({ format, size: [...size] as GPUExtent3D, usage });
  const [width, height] = size;
  const layout = { bytesPerRow: width * BYTES[format]!, rowsPerImage: height };
  if (bytes) device.queue.writeTexture({ texture }, bytes, layout, [...size] as GPUExtent3D);
  return texture;
}

/** The bytes of a layer, rows without what is between them. */
export async function bytesOf(device: GPUDevice, texture: GPUTexture, layer = 0): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, format } = texture;
  const row = width * BYTES[format]!;
  const bytesPerRow = Math.ceil(row / ROW) * ROW;
  const buffer = device.createBuffer({ size: bytesPerRow * height, usage: MAP_READ | BUFFER_COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyTextureToBuffer({ texture, origin: [0, 0, layer] }, { buffer, bytesPerRow }, [width, height]);
  device.queue.submit([encoder.finish()]);
  await buffer.mapAsync(1);
  const mapped = new Uint8Array(buffer.getMappedRange());
  const bytes = new Uint8Array(row * height);
  for (let at = 0; at < height; at++) bytes.set(mapped.subarray(at * bytesPerRow, at * bytesPerRow + row), at * row);
  buffer.destroy();
  return bytes;
}
