"""A consumer as Django's documentation of Channels has it, over channels_redis: prints what its handlers get.

    channels_consumer.py <redis url> <group>

A line of JSON on its input is sent to the group.
"""

import asyncio
import json
import sys

import django
from django.conf import settings

redis_url, group = sys.argv[1:3]
layer = {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [redis_url]}}
settings.configure(CHANNEL_LAYERS={"default": layer})
django.setup()

from asgiref.testing import ApplicationCommunicator  # noqa: E402
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.layers import get_channel_layer  # noqa: E402


def report(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


class Consumer(AsyncWebsocketConsumer):
    groups = [group]

    async def price_trade(self, event):
        await self.send(text_data=json.dumps(event))


async def main():
    socket = ApplicationCommunicator(Consumer.as_asgi(), {"type": "websocket", "path": "/"})
    await socket.send_input({"type": "websocket.connect"})
    assert (await socket.receive_output(timeout=20))["type"] == "websocket.accept"
    report("connected")

    async def read():
        while True:
            line = await asyncio.to_thread(sys.stdin.readline)
            if not line:
                return
            await get_channel_layer().group_send(group, json.loads(line))

    async def write():
        while True:
            event = await socket.receive_output(timeout=3600)
            report("trade", message=json.loads(event["text"]))

    await asyncio.wait([asyncio.create_task(read()), asyncio.create_task(write())], return_when=asyncio.FIRST_COMPLETED)


asyncio.run(main())
