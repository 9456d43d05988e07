/** Dtypes that the compiler knows, and wrong ones beside their right twins. The type check of the tests reads this file; nothing runs it. */
import { expectTypeOf } from 'vitest';
import {
  adaptiveInstanceNorm,
  batchNorm,
  batchNormForward,
  dynamicTanh,
  gradientSums,
  groupNorm,
  layerNorm,
  layerNormBackward,
  layerNormForward,
  layerNormQuantized,
  moments,
  rmsNorm,
  rmsNormQuantized,
} from 'webgpu-norm';
import type { Context, DataOf, Dtype, FloatDtype, ForwardResult, ParameterTensor, Tensor } from 'webgpu-norm';
import { tensorFromImage, tensorToImage } from 'webgpu-norm/images';
import { BatchNorm2d } from 'webgpu-norm/layers';
import { averageGradients, syncBatchNormForward } from 'webgpu-norm/sync';
import type { Group } from 'webgpu-norm/sync';

/** A tensor of each dtype, and one whose dtype is known at run time. */
interface Tensors {
  f32: Tensor<'f32'>;
  f16: Tensor<'f16'>;
  bf16: Tensor<'bf16'>;
  u32: Tensor<'u32'>;
  i8: Tensor<'i8'>;
  any: Tensor;
}

export function made(context: Context, buffer: GPUBuffer, some: Dtype, half: 'f16' | 'bf16', flag: boolean): void {
  const numbers = new Float32Array(4);
  expectTypeOf(context.tensor(numbers, [4])).toEqualTypeOf<Tensor<'f32'>>();
  expectTypeOf(context.tensor([1, 2], [2], { label: 'x' })).toEqualTypeOf<Tensor<'f32'>>();
  expectTypeOf(context.tensor(new Int8Array(4), [4])).toEqualTypeOf<Tensor<'i8'>>();
  expectTypeOf(context.tensor(numbers, [4], { dtype: 'f16' })).toEqualTypeOf<Tensor<'f16'>>();
  expectTypeOf(context.tensor([1], [1], { dtype: 'u32' })).toEqualTypeOf<Tensor<'u32'>>();
  expectTypeOf(context.tensor(flag ? numbers : new Uint16Array(4), [4], { dtype: half })).toEqualTypeOf<
    Tensor<'f16' | 'bf16'>
  >();
  expectTypeOf(context.tensor(numbers, [4], { dtype: some })).toEqualTypeOf<Tensor>();
  expectTypeOf(context.empty([4])).toEqualTypeOf<Tensor<'f32'>>();
  expectTypeOf(context.empty([4], { dtype: 'bf16' }).reshape([2, 2]).permute([1, 0]).slice(0, 0, 1)).toEqualTypeOf<
    Tensor<'bf16'>
  >();
  expectTypeOf(context.wrap(buffer, { shape: [4] })).toEqualTypeOf<Tensor<'f32'>>();
  expectTypeOf(context.wrap(buffer, { shape: [4], dtype: 'u32' })).toEqualTypeOf<Tensor<'u32'>>();
  // A dtype that may be undefined leaves that which there is without one.
  const maybe = flag ? 'f16' : undefined;
  expectTypeOf(context.tensor(numbers, [4], { dtype: maybe })).toEqualTypeOf<Tensor<'f16' | 'f32'>>();
  expectTypeOf(context.empty([4], { dtype: maybe })).toEqualTypeOf<Tensor<'f16' | 'f32'>>();
  expectTypeOf(context.wrap(buffer, { shape: [4], dtype: maybe })).toEqualTypeOf<Tensor<'f16' | 'f32'>>();
  expectTypeOf(context.empty([4], flag ? { dtype: 'f16' } : {})).toEqualTypeOf<Tensor<'f16' | 'f32'>>();
  const one: Tensor<'f32'> = context.empty([4], { dtype: maybe });
  // @ts-expect-error there is no such option
  context.empty([4], { dtypo: 'f16' });
  // @ts-expect-error bits are of f16 or bf16: the dtype is missing
  context.tensor(new Uint16Array(4), [4]);
  context.tensor(new Uint16Array(4), [4], { dtype: 'f16' });
  // @ts-expect-error no dtype takes a Float64Array
  context.tensor(new Float64Array(4), [4]);
  // @ts-expect-error not with a dtype either
  context.tensor(new Float64Array(4), [4], { dtype: 'bf16' });
  // @ts-expect-error counts are a Uint32Array
  context.tensor(numbers, [4], { dtype: 'u32' });
  context.tensor(new Uint32Array(4), [4], { dtype: 'u32' });
  // @ts-expect-error counts say that they are
  context.tensor(new Uint32Array(4), [4]);
  // @ts-expect-error what is given as f16 is no f32
  const single: Tensor<'f32'> = context.tensor(numbers, [4], { dtype: 'f16' });
  // @ts-expect-error nor is f32 what it is called
  const halves: Tensor<'f16'> = context.empty([4]);
  void [single, halves, one];
}

export async function read({ f32, f16, u32, i8, any }: Tensors, some: Dtype, flag: boolean): Promise<void> {
  expectTypeOf(await f16.read()).toEqualTypeOf<DataOf['f32']>();
  expectTypeOf(await f16.read('f16')).toEqualTypeOf<DataOf['f16']>();
  expectTypeOf(await i8.read('i8')).toEqualTypeOf<DataOf['i8']>();
  expectTypeOf(await u32.read('u32')).toEqualTypeOf<DataOf['u32']>();
  expectTypeOf(await any.read()).toEqualTypeOf<DataOf['f32']>();
  expectTypeOf(await any.read(some)).toEqualTypeOf<DataOf[Dtype]>();
  const maybe = flag ? 'f16' : undefined;
  expectTypeOf(await f16.read(maybe)).toEqualTypeOf<DataOf['f16' | 'f32']>();
  // @ts-expect-error counts are read as counts
  await u32.read();
  // @ts-expect-error here too
  await u32.read('f32');
  // @ts-expect-error it holds f32
  await f32.read('f16');
}

export function results({ f32, f16, bf16, u32, i8, any }: Tensors, flag: boolean, wanted: FloatDtype): void {
  expectTypeOf(layerNorm(f32)).toEqualTypeOf<Tensor<'f32'>>();
  expectTypeOf(rmsNorm(f16, { weight: f32, bias: f16 })).toEqualTypeOf<Tensor<'f16'>>();
  expectTypeOf(batchNorm(bf16, { training: true })).toEqualTypeOf<Tensor<'bf16'>>();
  expectTypeOf(groupNorm(f32, { numGroups: 2, outputDtype: 'bf16', out: bf16 })).toEqualTypeOf<Tensor<'bf16'>>();
  expectTypeOf(adaptiveInstanceNorm(f16, f32)).toEqualTypeOf<Tensor<'f16'>>();
  expectTypeOf(dynamicTanh(f16, { alpha: f32 })).toEqualTypeOf<Tensor<'f16'>>();
  expectTypeOf(rmsNormQuantized(f16, { scales: f32, out: { y: i8 } }).y).toEqualTypeOf<Tensor<'i8'>>();
  expectTypeOf(layerNormQuantized(f16).scales).toEqualTypeOf<Tensor<'f32'>>();
  expectTypeOf(moments(f16, { axes: 0 }).mean).toEqualTypeOf<Tensor<'f32'>>();
  // What is known at run time only fits everywhere, and gives a result of that kind.
  expectTypeOf(layerNorm(any, { weight: f16, out: bf16 })).toEqualTypeOf<Tensor<FloatDtype>>();
  expectTypeOf(layerNorm(f32, { outputDtype: wanted, out: any })).toEqualTypeOf<Tensor<FloatDtype>>();
  expectTypeOf(rmsNorm(flag ? f32 : f16, { weight: any, mask: flag ? any : u32 })).toEqualTypeOf<
    Tensor<'f32' | 'f16'>
  >();
  const later: Tensor = layerNorm(f16);
  const again: Tensor<'f16'> = rmsNorm(later);
  // @ts-expect-error counts are not normalized
  layerNorm(u32);
  // @ts-expect-error nor is what was quantized
  rmsNorm(i8);
  // @ts-expect-error nor measured
  moments(u32, { axes: 0 });
  // @ts-expect-error nor a style
  adaptiveInstanceNorm(f32, u32);
  // @ts-expect-error the result holds what x does
  layerNorm(f16, { out: f32 });
  layerNorm(f16, { outputDtype: 'f32', out: f32 });
  // @ts-expect-error or what it is told to
  layerNorm(f16, { outputDtype: 'f32', out: f16 });
  // @ts-expect-error 8 bits are of a quantized call
  layerNorm(f16, { outputDtype: 'i8' });
  // @ts-expect-error whose result they are
  rmsNormQuantized(f16, { out: { y: f16 } });
  // @ts-expect-error and nothing else
  rmsNormQuantized(f16, { outputDtype: 'f16' });
  // @ts-expect-error with scales in f32
  rmsNormQuantized(f16, { scales: f16 });
  void again;
}

export function operands({ f32, f16, bf16, u32, i8, any }: Tensors): void {
  layerNorm(bf16, { weight: f32, bias: bf16, residual: f32, residualOut: any, gate: bf16, add: f32, mask: u32 });
  // @ts-expect-error beside f32 all is f32
  layerNorm(f32, { weight: f16 });
  // @ts-expect-error beside f16 nothing is bf16
  layerNorm(f16, { bias: bf16 });
  // @ts-expect-error a residual neither
  rmsNorm(f16, { residual: bf16 });
  // @ts-expect-error nor what takes the sum
  rmsNorm(f16, { residual: f16, residualOut: bf16 });
  // @ts-expect-error nor a modulation
  layerNorm(f16, { modulation: { shift: bf16 } });
  // @ts-expect-error nor a factor
  layerNorm(f16, { multiply: { by: bf16 } });
  // @ts-expect-error a mask is of counts, of f32 or as x
  layerNorm(f16, { mask: i8 });
  layerNorm(f16, { mask: f16 });
  // @ts-expect-error positions are counts
  rmsNorm(f16, { rotary: { cos: f32, sin: f32, positions: f32 } });
  rmsNorm(f16, { rotary: { cos: f32, sin: f16, positions: u32 } });
  // @ts-expect-error starts of sequences are counts
  layerNorm(f16, { segments: f16 });
  layerNorm(f16, { segments: u32 });
  // @ts-expect-error batches are counted by counts
  batchNorm(f16, { training: true, runningMean: f32, runningVar: f32, numBatchesTracked: f32 });
  batchNorm(f16, { training: true, runningMean: f32, runningVar: f32, numBatchesTracked: u32 });
  // @ts-expect-error an alpha is as a weight
  dynamicTanh(f32, { alpha: f16 });
}

export function gradients({ f32, f16, bf16, any }: Tensors): void {
  const { y, saved, residualOut } = layerNormForward(f16, { weight: f32, outputDtype: 'f32' });
  expectTypeOf(residualOut).toEqualTypeOf<ParameterTensor<'f16'> | undefined>();
  const { dx, dweight } = layerNormBackward(y, saved, { gradients: ['dx', 'dweight'] });
  expectTypeOf(dx).toEqualTypeOf<Tensor<'f16'>>();
  expectTypeOf(dweight).toEqualTypeOf<ParameterTensor<'f16'>>();
  layerNormBackward(f32, saved, { out: { dx: f16, dweight: f32, dbias: any }, dresidualOut: f32 });
  // @ts-expect-error dy is as y
  layerNormBackward(f16, saved);
  // @ts-expect-error dx is as x
  layerNormBackward(f32, saved, { out: { dx: f32 } });
  // @ts-expect-error dweight is as a weight may be
  layerNormBackward(f32, saved, { accumulate: { dweight: bf16 } });
  // @ts-expect-error so is what arrives at the sum
  layerNormBackward(f32, saved, { dresidualOut: bf16 });
  const trained = batchNormForward(f16, { training: true });
  expectTypeOf(gradientSums(f16, trained.saved).dy).toEqualTypeOf<Tensor<'f32'>>();
  // @ts-expect-error dy is as y
  gradientSums(f32, trained.saved);
  const untold: ForwardResult = layerNormForward(f16);
  layerNormBackward(f32, untold.saved);
}

export async function elsewhere(
  context: Context,
  group: Group,
  image: ImageBitmap,
  all: Tensors,
  flag: boolean,
): Promise<void> {
  const { f32, f16, u32 } = all;
  expectTypeOf(tensorFromImage(context, image)).toEqualTypeOf<Tensor<'f32'>>();
  expectTypeOf(tensorFromImage(context, image, { dtype: 'f16', out: f16 })).toEqualTypeOf<Tensor<'f16'>>();
  const maybe = flag ? 'f16' : undefined;
  expectTypeOf(tensorFromImage(context, image, { dtype: maybe })).toEqualTypeOf<Tensor<'f16' | 'f32'>>();
  expectTypeOf(tensorFromImage(context, image, { out: flag ? f16 : undefined })).toEqualTypeOf<Tensor<'f16' | 'f32'>>();
  expectTypeOf(tensorFromImage(context, image, { out: f16 })).toEqualTypeOf<Tensor<'f16'>>();
  // @ts-expect-error pixels are no counts
  tensorToImage(u32, {} as GPUTexture);
  const layer = new BatchNorm2d(context, 4);
  expectTypeOf(layer.forward(f16, { out: f16 })).toEqualTypeOf<Tensor<'f16'>>();
  expectTypeOf(layer.parameters()[0]!.grad).toEqualTypeOf<Tensor<'f32'>>();
  // @ts-expect-error the result holds what x does
  layer.forward(f16, { out: f32 });
  // @ts-expect-error counts are not normalized
  layer.forward(u32);
  expectTypeOf((await syncBatchNormForward(group, f16, { weight: f32 })).y).toEqualTypeOf<Tensor<'f16'>>();
  // @ts-expect-error counts are not averaged
  await averageGradients(group, [u32], { count: 1 });
}
