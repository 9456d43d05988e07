/**
 * Training on several workers, pages or machines: synchronized BatchNorm and data-parallel gradients over channels of other libraries.
 *
 * @module sync
 */
export { syncBatchNormBackward, syncBatchNormForward } from './batch-norm.ts';
export type { SyncBackwardOptions, SyncBatchNormOptions } from './batch-norm.ts';
export type { Channel, ChannelEvents } from './channel.ts';
export { averageGradients, broadcastParameters, sumGradients } from './gradients.ts';
export type { AverageOptions } from './gradients.ts';
export type { Group, ReduceOptions } from './group.ts';
export { joinGroup } from './join-group.ts';
export type { GroupOptions } from './join-group.ts';
export type { Merge } from './merge.ts';
export type { Reducible } from './reducible.ts';
export { broadcastChannel } from './transports/broadcast.ts';
export { comlinkChannel } from './transports/comlink.ts';
export type { ComlinkModule, RemoteRelay } from './transports/comlink.ts';
export { Relay } from './transports/relay.ts';
export { serveRelay } from './transports/serve-relay.ts';
export type { RelayServer, RelaySocket } from './transports/serve-relay.ts';
export { trysteroChannel } from './transports/trystero.ts';
export type { TrysteroRoom } from './transports/trystero.ts';
export { webSocketChannel } from './transports/web-socket.ts';
export type { WebSocketLike } from './transports/web-socket.ts';
