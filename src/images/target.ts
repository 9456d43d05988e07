import { NormError } from '../errors.ts';
import { builtInType } from '../options/format-value.ts';
import { formatOther, isTexture } from './formats.ts';
import type { TextureFacts } from './formats.ts';

/** A texture to draw into: facts to check it by, and then itself. */
interface Target {
  facts: TextureFacts;
  /** To be called once nothing more is refused: whoever asks a canvas for its texture and does not draw blanks it. */
  take: () => GPUTexture;
}

/**
 * The texture, or that of a canvas. What a canvas will have is known by its configuration; only where a runtime does not tell that the
 * texture itself is asked.
 *
 * @throws NormError `option`, `usage` or `device` where nothing can be drawn.
 */
export function targetOf(op: string, target: unknown, device: GPUDevice): Target {
  if (isTexture(target)) return { facts: target, take: () => target };
  const canvas = target as Partial<GPUCanvasContext> | null | undefined;
  if (typeof canvas?.getCurrentTexture !== 'function') {
    const hint = builtInType(target).endsWith('Canvas') ? ", canvas.getContext('webgpu') once configured" : '';
    throw new NormError(
      'option',
      `${op}: the target is ${formatOther(target)}; it must be a GPUTexture or a GPUCanvasContext${hint}`,
    );
  }
  const context = canvas as GPUCanvasContext;
  const configuration = context.getConfiguration?.();
  if (configuration && configuration.device !== device) {
    throw new NormError('device', `${op}: the canvas is configured for another device than the tensor's`);
  }
  const take = (): GPUTexture => textureOf(op, context);
  const { width, height } = (context.canvas ?? {}) as Partial<HTMLCanvasElement>;
  if (!configuration || width === undefined || height === undefined) {
    const texture = take();
    return { facts: texture, take: () => texture };
  }
  const { format, usage } = configuration;
  return { facts: { format, usage, dimension: '2d', sampleCount: 1, width, height, depthOrArrayLayers: 1 }, take };
}

/** @throws NormError `usage` where the canvas has none. */
function textureOf(op: string, canvas: GPUCanvasContext): GPUTexture {
  try {
    return canvas.getCurrentTexture();
  } catch (cause) {
    const { message } = cause as Error;
    throw new NormError('usage', `${op}: the canvas has no texture, configure it first: ${message}`, { cause });
  }
}
