"""Follows a channel with the official Python SDK and prints one JSON line for each thing that happens.

    centrifuge_follow.py <websocket url> <json|protobuf> <channel>
"""

import asyncio
import json
import sys

from centrifuge import Client, SubscriptionEventHandler


def report(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


class Handler(SubscriptionEventHandler):
    async def on_subscribed(self, ctx):
        report("subscribed", recovered=ctx.recovered, wasRecovering=ctx.was_recovering)

    async def on_publication(self, ctx):
        data = ctx.pub.data
        report("publication", offset=ctx.pub.offset, data=json.loads(data) if isinstance(data, bytes) else data)

    async def on_error(self, ctx):
        report("error", error=str(ctx.error))


async def main(url, encoding, channel):
    client = Client(url, use_protobuf=encoding == "protobuf", proxy=None)
    subscription = client.new_subscription(channel, events=Handler())
    await client.connect()
    await subscription.subscribe()
    # Until whoever started it closes our input.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await client.disconnect()


asyncio.run(main(*sys.argv[1:]))
