// Attempts to open WebSockets, so many at once, in a process of its own: what it costs is not the measuring process's.
// node connect-burst.mjs <port> <path> <attempts> <at once>; prints how many got which answer, as JSON.
import { connect } from 'node:net';
import { constants, setPriority } from 'node:os';

// A storm comes from other machines: it must not take the cores of those inside.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
const [port, path, attempts, atOnce] = process.argv.slice(2);
const request = [
  `GET ${path} HTTP/1.1`,
  'Host: gateway',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');

const counts = {};
const inside = new Set();
let begun = 0;
let answered = 0;

const attempt = () => {
  if (begun === Number(attempts)) return;
  begun += 1;
  const socket = connect(Number(port), '127.0.0.1', () => socket.write(request));
  let status;
  const done = (answer) => {
    if (status !== undefined) return;
    status = answer;
    counts[answer] = (counts[answer] ?? 0) + 1;
    answered += 1;
    if (answer === '101') inside.add(socket);
    if (answered === Number(attempts)) finish();
    else attempt();
  };
  socket.on('data', (data) => done(data.toString('latin1', 9, 12)));
  socket.on('error', (error) => done(error.code));
  socket.on('close', () => {
    inside.delete(socket);
    done('cut off');
  });
};

const finish = () => {
  for (const socket of inside) socket.destroy();
  process.stdout.write(`${JSON.stringify(counts)}\n`);
};

for (let index = 0; index < Number(atOnce); index += 1) attempt();
