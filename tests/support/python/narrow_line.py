"""A line to one TCP server that carries so many bytes a second to each client, with next to no buffers on it: a socket
buffer of a few kilobytes is what Node cannot set. Says its port; ends with its standard input."""

import os
import socket
import sys
import threading
import time

target, bytes_per_second = int(sys.argv[1]), int(sys.argv[2])
SEGMENT = 536
BUFFER = 4096


def narrow(end, option):
    end.setsockopt(socket.SOL_SOCKET, option, BUFFER)
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def carry(source, sink, rate):
    """Passes on what comes, at this rate if there is one."""
    due = time.monotonic()
    try:
        while piece := source.recv(256):
            sink.sendall(piece)
            if rate:
                due = max(due, time.monotonic() - 0.1) + len(piece) / rate
                time.sleep(max(0, due - time.monotonic()))
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def connect(client):
    server = socket.socket()
    narrow(server, socket.SO_RCVBUF)
    server.connect(("127.0.0.1", target))
    threading.Thread(target=carry, args=(client, server, 0), daemon=True).start()
    carry(server, client, bytes_per_second)


listener = socket.socket()
narrow(listener, socket.SO_SNDBUF)
listener.bind(("127.0.0.1", 0))
listener.listen(64)
print(listener.getsockname()[1], flush=True)


def accept():
    while True:
        client, _ = listener.accept()
        threading.Thread(target=connect, args=(client,), daemon=True).start()


threading.Thread(target=accept, daemon=True).start()
sys.stdin.read()
os._exit(0)
