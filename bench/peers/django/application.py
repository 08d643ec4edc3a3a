"""A Django Channels consumer as the Channels tutorial has it, over channels_redis' pubsub layer.

Run by uvicorn: `uvicorn application:application`. BENCH_REDIS_URL names the Redis. A client gets each event of the groups in
`?channels=a,b` as JSON without blanks, so that it costs as many bytes as with the other servers.
"""

import json
import os
from urllib.parse import parse_qs

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="bench",
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["channels"],
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [os.environ["BENCH_REDIS_URL"]]},
        }
    },
)
django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path  # noqa: E402


class TickConsumer(AsyncWebsocketConsumer):
    async def connect(self):
        query = parse_qs(self.scope["query_string"].decode())
        self.channels = query["channels"][0].split(",")
        for name in self.channels:
            await self.channel_layer.group_add(name, self.channel_name)
        await self.accept()

    async def disconnect(self, close_code):
        for name in self.channels:
            await self.channel_layer.group_discard(name, self.channel_name)

    async def price_trade(self, event):
        await self.send(text_data=json.dumps(event, separators=(",", ":")))


application = ProtocolTypeRouter({"websocket": URLRouter([path("ws/", TickConsumer.as_asgi())])})
