import { broadcastChannel, trysteroChannel, webSocketChannel } from 'webgpu-norm/sync';
import type { Channel } from 'webgpu-norm/sync';

/** What those who train one network call it. */
const NAME = 'pictures';

/** Ways between pages; `relay` is where relay.mjs serves. */
export const CHANNELS: Record<string, (relay: string) => Promise<Channel>> = {
  broadcast: async () => broadcastChannel(new BroadcastChannel(NAME)),
  ws: async (relay) => webSocketChannel(new WebSocket(`${relay}/${NAME}`)),
  trystero: async (relay) => {
    const { joinRoom, selfId } = await import('trystero');
    const relayConfig = { urls: [`${relay}/nostr`] };
    return trysteroChannel(joinRoom({ appId: 'webgpu-norm', relayConfig }, NAME), selfId);
  },
};
