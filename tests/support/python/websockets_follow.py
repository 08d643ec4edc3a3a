"""Connects with permessage-deflate of the window given and prints how many messages it could read, and what was agreed."""

import json
import sys

from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.sync.client import connect

url, bits, wanted = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
factory = ClientPerMessageDeflateFactory(server_max_window_bits=bits or None, client_max_window_bits=True)
with connect(url, extensions=[factory], compression=None, proxy=None, max_size=None) as socket:
    messages = 0
    while messages < wanted:
        received = json.loads(socket.recv(timeout=20))
        messages += len(received) if isinstance(received, list) else 1
    agreed = socket.response.headers.get("Sec-WebSocket-Extensions", "")
print(json.dumps({"messages": messages, "agreed": agreed}))
