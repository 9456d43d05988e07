/** A mean and a deviation for each channel, of pixels from 0 to 1, in the order of the tensor's channels. */
export interface Preset {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/**
 * The mean and deviation of ImageNet's red, green and blue: what torchvision's models, timm's and most vision transformers were trained
 * with. Source: `torchvision.transforms.Normalize` in the presets of https://docs.pytorch.org/vision/stable/models.html; in transformers
 * `IMAGENET_DEFAULT_MEAN` and `IMAGENET_DEFAULT_STD`.
 *
 * @example const x = tensorFromImage(context, image, { ...IMAGENET, resize: 256, centerCrop: 224 });
 */
export const IMAGENET: Preset = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/**
 * The mean and deviation of CLIP's training images. Source: `clip/clip.py` of https://github.com/openai/CLIP; in transformers
 * `OPENAI_CLIP_MEAN` and `OPENAI_CLIP_STD`.
 *
 * @example const x = tensorFromImage(context, image, { ...CLIP, resize: 224, centerCrop: 224, interpolation: 'bicubic' });
 */
export const CLIP: Preset = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
};
