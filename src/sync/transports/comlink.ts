import { NormError } from '../../errors.ts';
import { checkAlone } from '../../options/checks.ts';
import { formatValue } from '../../options/format-value.ts';
import type { Channel } from '../channel.ts';
import { Mailbox } from '../channel.ts';
import type { Relay } from './relay.ts';

/** The part of comlink that is used, 4.4 or later: `import * as Comlink from 'comlink'`. */
export interface ComlinkModule {
  proxy<T extends object>(value: T): T;
  transfer<T>(value: T, transferables: Transferable[]): T;
}

/** A {@link Relay} that the other side exposed, as comlink's `wrap` gives it. */
export type RemoteRelay = {
  [Name in 'enter' | 'send' | 'exit']: (...given: Parameters<Relay[Name]>) => Promise<Awaited<ReturnType<Relay[Name]>>>;
};

/**
 * A channel over a {@link Relay} that is elsewhere: of workers, the page has it and exposes it to each; of pages, whoever has a
 * MessagePort to all of them. Names are in the order in which peers came. A worker that is terminated says no goodbye: the page
 * calls `relay.exit(id)` for it, or a step times out.
 *
 * @throws NormError (rejects) `option` where it is not comlink, or no relay.
 * @example
 * // the page: for (const worker of workers) Comlink.expose(relay, worker); a worker: const remote = Comlink.wrap<Relay>(self);
 * const channel = await comlinkChannel(Comlink, remote);
 */
export async function comlinkChannel(
  comlink: ComlinkModule,
  relay: RemoteRelay,
  ...more: readonly never[]
): Promise<Channel> {
  checkAlone('comlinkChannel', more);
  if (typeof (comlink as Partial<ComlinkModule> | null)?.proxy !== 'function') {
    throw new NormError(
      'option',
      `comlinkChannel: comlink is ${formatValue(comlink)}; give the module, import * as Comlink from 'comlink'`,
    );
  }
  if (typeof (relay as Partial<RemoteRelay> | null)?.enter !== 'function') {
    throw new NormError(
      'option',
      `comlinkChannel: relay is ${formatValue(relay)}; give Comlink.wrap<Relay>(port) of where Comlink.expose(new Relay(), port) is`,
    );
  }
  const mailbox = new Mailbox();
  const id = await relay.enter(comlink.proxy(mailbox));
  const ends = (problem: unknown): void => mailbox.end(problem instanceof Error ? problem.message : String(problem));
  return {
    id,
    listen: (events) => mailbox.listen(events),
    send: (data, to) => void relay.send(comlink.transfer(data, [data]), id, to).catch(ends),
    close: () => void relay.exit(id).catch(ends),
  };
}
