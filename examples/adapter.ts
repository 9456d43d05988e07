import type { Context } from 'webgpu-norm';

/** What a context runs on, by the names that the browser gives. */
export function adapterName({ adapterInfo }: Context): string {
  const { vendor, architecture, description, device } = adapterInfo;
  return [vendor, architecture, description || device].filter(Boolean).join(' · ') || 'an unnamed GPU';
}

/** The same, and where it is no GPU that it is none. */
export function adapterInWords(context: Context): string {
  const kind = context.profile.software ? ' (a software adapter: a CPU stands in for the GPU)' : '';
  return adapterName(context) + kind;
}
