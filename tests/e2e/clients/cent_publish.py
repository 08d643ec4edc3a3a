"""Centrifugo's own client of its server API, unchanged: publishes and asks, and prints what it was answered."""

import json
import sys

from cent import (
    BatchRequest,
    BroadcastRequest,
    CentApiResponseError,
    CentUnauthorizedError,
    ChannelsRequest,
    Client,
    DisconnectRequest,
    HistoryRequest,
    InfoRequest,
    PresenceStatsRequest,
    PublishRequest,
    StreamPosition,
)

url, key = sys.argv[1:]
client = Client(url, api_key=key)


def report(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


first = client.publish(PublishRequest(channel="news.a", data={"n": 1}, idempotency_key="one"))
again = client.publish(PublishRequest(channel="news.a", data={"n": 1}, idempotency_key="one"))
report("publish", offsets=[first.offset, again.offset], epochs=len({first.epoch, again.epoch}))

answers = client.broadcast(BroadcastRequest(channels=["news.a", "news.b", "nowhere"], data=2)).responses
report("broadcast", offsets=[a.result.offset if a.result else None for a in answers], code=answers[2].error.code)

replies = client.batch(
    BatchRequest(requests=[PublishRequest(channel="news.a", data=3), PresenceStatsRequest(channel="news.a")])
).replies
report("batch", offset=replies[0].offset, clients=replies[1].num_clients)

history = client.history(
    HistoryRequest(channel="news.a", limit=10, since=StreamPosition(offset=1, epoch=first.epoch))
)
report("history", offset=history.offset, data=[p.data for p in history.publications])

report("channels", channels=list(client.channels(ChannelsRequest(pattern="news.*")).channels))
report("info", nodes=[node.num_clients for node in client.info(InfoRequest()).nodes])
client.disconnect(DisconnectRequest(user=""))

try:
    client.publish(PublishRequest(channel="nowhere", data=1))
except CentApiResponseError as error:
    report("error", code=error.code)
try:
    Client(url, api_key="wrong").info(InfoRequest())
except CentUnauthorizedError:
    report("unauthorized")

sys.stdin.read()
