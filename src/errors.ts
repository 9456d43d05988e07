/** The kind of mistake that a {@link NormError} reports. */
export type NormErrorCode =
  | 'shape'
  | 'axes'
  | 'layout'
  | 'groups'
  | 'parameter'
  | 'dtype'
  | 'eps'
  | 'option'
  | 'training'
  | 'saved'
  | 'state'
  | 'device'
  | 'destroyed'
  | 'limit'
  | 'memory'
  | 'usage'
  | 'unsupported'
  | 'lost'
  | 'peer'
  | 'mismatch';

/** Thrown at the call, before anything is recorded; the message names what was given and what would be right. */
export class NormError extends Error {
  override readonly name = 'NormError';
  readonly code: NormErrorCode;

  constructor(code: NormErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
