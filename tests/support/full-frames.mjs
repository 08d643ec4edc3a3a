// Clients of the Centrifuge protocol that each send one frame of commands at the same moment, in a process of their own.
// A `*` in the command is another number in each, and at each start. node full-frames.mjs <port> <clients> <commands>
// <command as JSON>; prints the number of answers and of closed sockets.
import { WebSocket } from 'ws';

const [port, clients, commands, command] = process.argv.slice(2);
const frame = Array.from({ length: Number(commands) }, (_, index) =>
  JSON.stringify({ id: index + 2, ...JSON.parse(command.replace('*', `${process.pid}-${index}`)) }),
).join('\n');
const wanted = Number(clients) * (Number(commands) + 1);
let answers = 0;
let closed = 0;
let connected = 0;

const sockets = Array.from({ length: Number(clients) }, () => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/connection/websocket`);
  let isConnected = false;
  socket.on('open', () => socket.send('{"id":1,"connect":{}}'));
  socket.on('message', (data) => {
    answers += data.toString().split('\n').length;
    if (!isConnected) connected += 1;
    isConnected = true;
    if (connected === sockets.length && !isSent) send();
    if (answers >= wanted) finish();
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    closed += 1;
    if (closed === sockets.length) finish();
  });
  return socket;
});
let isSent = false;

const send = () => {
  isSent = true;
  for (const socket of sockets) socket.send(frame);
};

const finish = () => {
  process.stdout.write(`${JSON.stringify({ answers, closed })}\n`);
  process.exit(0);
};
