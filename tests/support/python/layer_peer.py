"""A channels_redis pub/sub layer that tests drive: one JSON command a line on stdin, one JSON answer a line on stdout.

Values JSON does not have travel as {"$bytes": hex} and {"$int": digits}.
"""

import asyncio
import json
import sys

import channels_redis
import msgpack
from channels_redis.pubsub import RedisPubSubChannelLayer


def from_wire(value):
    if isinstance(value, list):
        return [from_wire(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"$bytes"}:
        return bytes.fromhex(value["$bytes"])
    if set(value) == {"$int"}:
        return int(value["$int"])
    return {key: from_wire(item) for key, item in value.items()}


def to_wire(value):
    if isinstance(value, (list, tuple)):
        return [to_wire(item) for item in value]
    if isinstance(value, dict):
        return {key: to_wire(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53 - 1:
        return {"$int": str(value)}
    return value


def answer(**fields):
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


async def read_channel(layer, channel):
    while True:
        answer(event="message", channel=channel, message=to_wire(await layer.receive(channel)))


async def main():
    layer = RedisPubSubChannelLayer(**json.loads(sys.argv[1]))
    readers = []
    answer(event="ready", version=channels_redis.__version__)
    while line := await asyncio.to_thread(sys.stdin.readline):
        command = json.loads(line)
        result = None
        match command["do"]:
            case "join":
                result = await layer.new_channel()
                await layer.group_add(command["group"], result)
                readers.append(asyncio.create_task(read_channel(layer, result)))
            case "group_send":
                await layer.group_send(command["group"], from_wire(command["message"]))
            case "send":
                await layer.send(command["channel"], from_wire(command["message"]))
            case "dumps":
                result = json.dumps(from_wire(command["message"])).encode().hex()
            case "packb":
                result = msgpack.packb(from_wire(command["message"])).hex()
        answer(event="done", id=command["id"], result=result)
    for reader in readers:
        reader.cancel()


asyncio.run(main())
