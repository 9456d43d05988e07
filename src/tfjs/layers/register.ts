import { serialization } from '@tensorflow/tfjs-core';

/**
 * Registers a layer class by its own name, which models are saved with. Models converted from Keras name the class by Keras's name: it is found by
 * that too, unless TensorFlow.js or the app has registered one of that name before.
 */
export function registerLayer<Layer extends serialization.Serializable>(
  layer: serialization.SerializableConstructor<Layer>,
  kerasName: string,
): void {
  serialization.registerClass(layer, 'webgpu-norm', kerasName);
  const { classNameMap } = serialization.SerializationMap.getMap();
  classNameMap[kerasName] ??= classNameMap[layer.className]!;
}
