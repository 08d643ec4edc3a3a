"""A line to one TCP server that carries so many bytes a second to each client, with next to no buffers on it: a socket
buffer of a few kilobytes is what Node cannot set. With a rate of 0 it is a relay that passes everything on at once. Says
its port; ends with its standard input."""

import os
import socket
import sys
import threading
import time

target = (sys.argv[1], int(sys.argv[2]))
listen_host, bytes_per_second = sys.argv[3], int(sys.argv[4])
SEGMENT = 536
BUFFER = 4096


def narrow(end, option):
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not bytes_per_second:
        return
    end.setsockopt(socket.SOL_SOCKET, option, BUFFER)
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)


def carry(source, sink, rate):
    """Passes on what comes, at this rate if there is one."""
    due = time.monotonic()
    try:
        while piece := source.recv(256 if rate else 65536):
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
    server.connect(target)
    threading.Thread(target=carry, args=(client, server, 0), daemon=True).start()
    carry(server, client, bytes_per_second)


listener = socket.socket()
narrow(listener, socket.SO_SNDBUF)
listener.bind((listen_host, 0))
listener.listen(64)
print(listener.getsockname()[1], flush=True)


def accept():
    while True:
        client, _ = listener.accept()
        threading.Thread(target=connect, args=(client,), daemon=True).start()


threading.Thread(target=accept, daemon=True).start()
sys.stdin.read()
os._exit(0)
