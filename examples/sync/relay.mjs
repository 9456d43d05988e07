import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { serveRelay } from 'webgpu-norm/sync';
import { WebSocketServer } from 'ws';

/**
 * `node examples/sync/relay.mjs --port 8080`, for pages and machines of one's own. At /nostr pages of trystero find each other;
 * elsewhere those who open the same path are passed each other's messages.
 */
export async function startRelay({ port = 0, host = '127.0.0.1' } = {}) {
  const [messages, nostr] = [new WebSocketServer({ noServer: true }), new WebSocketServer({ noServer: true })];
  serveRelay(messages);
  serveNostr(nostr);
  const http = createServer().on('upgrade', (request, socket, head) => {
    const server = request.url === '/nostr' ? nostr : messages;
    server.handleUpgrade(request, socket, head, (client) => server.emit('connection', client, request));
  });
  await new Promise((resolve, reject) => http.once('error', reject).listen(port, host, resolve));
  const close = () => {
    for (const client of [...messages.clients, ...nostr.clients]) client.terminate();
    http.close();
  };
  return { url: `ws://${host}:${http.address().port}`, close };
}

/** As much of a Nostr relay (NIP-01) as trystero's default strategy needs: it passes events on and keeps none. */
function serveNostr(server) {
  /** Of each socket its subscriptions: filters by name. */
  const subscribed = new Map();
  const wants = (filter, { kind, tags }) =>
    (filter.kinds?.includes(kind) ?? true) &&
    (!filter['#x'] || tags.some(([name, value]) => name === 'x' && filter['#x'].includes(value)));
  const handle = (socket, [verb, first, ...filters]) => {
    const say = (to, ...message) => to.send(JSON.stringify(message));
    if (verb === 'REQ') {
      subscribed.get(socket).set(first, filters);
      say(socket, 'EOSE', first);
    } else if (verb === 'CLOSE') subscribed.get(socket).delete(first);
    else if (verb === 'EVENT') {
      say(socket, 'OK', first.id, true, '');
      for (const [other, theirs] of subscribed) {
        for (const [name, wanted] of theirs)
          if (wanted.some((one) => wants(one, first))) say(other, 'EVENT', name, first);
      }
    }
  };
  server.on('connection', (socket) => {
    subscribed.set(socket, new Map());
    socket.on('message', (text) => {
      try {
        handle(socket, JSON.parse(String(text)));
      } catch {
        socket.close(1008);
      }
    });
    socket.on('close', () => subscribed.delete(socket));
    socket.on('error', () => socket.close());
  });
}

if (import.meta.filename === process.argv[1]) {
  try {
    const { values } = parseArgs({ options: { port: { type: 'string', default: '8080' }, host: { type: 'string' } } });
    const { url } = await startRelay({ ...values, port: Number(values.port) });
    console.log(
      `Relay: ${url}. Open examples/sync/?over=ws&relay=${url} in two pages, or ?over=trystero&relay=${url}.`,
    );
  } catch (error) {
    console.error(`${error.message}\n\nnode examples/sync/relay.mjs [--port 8080] [--host 127.0.0.1]`);
    process.exitCode = 2;
  }
}
