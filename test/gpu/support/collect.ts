/** Collects garbage and lets the runtime tell who waits for it; null where a test cannot ask for that. */
export const collect: (() => Promise<void>) | null = await opened();

async function opened(): Promise<(() => Promise<void>) | null> {
  let { gc } = globalThis as { gc?: () => void };
  if (typeof window === 'undefined') {
    const { setFlagsFromString } = await import('node:v8');
    const { runInNewContext } = await import('node:vm');
    setFlagsFromString('--expose-gc');
    gc ??= runInNewContext('gc') as () => void;
  }
  if (!gc) return null;
  return async () => {
    for (let round = 0; round < 3; round++) {
      await new Promise((resolve) => setTimeout(resolve));
      gc();
    }
    await new Promise((resolve) => setTimeout(resolve));
  };
}
