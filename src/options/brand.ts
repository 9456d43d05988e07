/** The name of a class of the library, to every copy of it that a page loads: a class of one copy is none of another's, and minified it has another name. */
export interface Brand {
  readonly library: 'webgpu-norm';
  readonly type: string;
  readonly copy: object;
}

const COPY = {};

/** The brand of a class of this copy. */
export function brandOf(type: string): Brand {
  return { library: 'webgpu-norm', type, copy: COPY };
}

/** The type of an object of a class that a copy of the library has, in words; null: of none. */
export function brandedType(constructor: { brand?: Partial<Brand> } | null | undefined): string | null {
  const brand = constructor?.brand;
  if (brand?.library !== 'webgpu-norm') return null;
  return brand.copy === COPY ? brand.type! : `${brand.type} of another copy of webgpu-norm`;
}
