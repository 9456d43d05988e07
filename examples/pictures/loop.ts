/** Does something again and again, whenever it is asked for, but never twice at once: what is asked for meanwhile is done once, afterwards. Begins at least `apart` ms after it last began. */
export interface Loop {
  request(): void;
}

export function makeLoop(once: () => Promise<void>, apart = 0): Loop {
  let wanted = false;
  let began = -Infinity;
  let running: Promise<void> | null = null;
  async function run(): Promise<void> {
    try {
      while (wanted) {
        const wait = began + apart - performance.now();
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
        began = performance.now();
        wanted = false;
        await once();
      }
    } finally {
      running = null;
    }
  }
  return {
    request: () => {
      wanted = true;
      running ??= run();
    },
  };
}
