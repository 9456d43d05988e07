/** Does something again and again, whenever it is asked for, but never twice at once: what is asked for meanwhile is done once, afterwards. */
export interface Loop {
  request(): void;
}

export function makeLoop(once: () => Promise<void>): Loop {
  let wanted = false;
  let running: Promise<void> | null = null;
  async function run(): Promise<void> {
    try {
      while (wanted) {
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

/** How often something happened within the last second. */
export function makeRate(): { count(now: number): void; clear(): void; perSecond(): number } {
  const times: number[] = [];
  return {
    count: (now) => {
      times.push(now);
      while (times.length > 2 && now - times[0]! > 1000) times.shift();
    },
    clear: () => void (times.length = 0),
    perSecond: () => (times.length < 2 ? 0 : (1000 * (times.length - 1)) / (times.at(-1)! - times[0]!)),
  };
}
