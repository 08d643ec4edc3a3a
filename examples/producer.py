"""Publishes the trades of a market on channels of your own. Kill it and start it again: no trade is missing or doubled."""

import json
import os
import sys
import time
import urllib.request

SOURCE = os.environ.get("SOURCE", "https://data-api.binance.vision")
SOURCE_SYMBOL, SYMBOL = os.environ.get("SOURCE_SYMBOL", "BTCUSDT"), os.environ.get("SYMBOL", "BTC-USDT")
TICKWIRE, API_KEY = os.environ.get("TICKWIRE", "http://localhost:8000"), os.environ.get("API_KEY", "")


def ask(url, body=None, headers={}):
    request = urllib.request.Request(url, body and json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


def publish(channel, key, message):
    # The same key publishes once: what was published, and the answer lost, is simply published again.
    headers = {"Content-Type": "application/json", "X-API-Key": API_KEY, "Idempotency-Key": f"{channel}-{key}"}
    return ask(f"{TICKWIRE}/api/publish", {"channel": channel, "message": message}, headers)


last = None
while True:
    try:
        for message in [] if last else ask(f"{TICKWIRE}/api/history?channel=trade.mine.{SYMBOL}&limit=1")["messages"]:
            last = int(message["id"])
        after = f"&fromId={last + 1}" if last else ""
        for trade in ask(f"{SOURCE}/api/v3/aggTrades?symbol={SOURCE_SYMBOL}&limit=500{after}"):
            key, price, ts = trade["a"], trade["p"], trade["T"]
            side = "sell" if trade["m"] else "buy"
            publish(f"ticker.mine.{SYMBOL}", key, {"type": "price.ticker", "last": price, "ts": ts})
            message = {"type": "price.trade", "id": str(key), "price": price, "size": trade["q"], "side": side, "ts": ts}
            position = publish(f"trade.mine.{SYMBOL}", key, message)["position"]
            last = key
            print(position["seq"], key, price, flush=True)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
    time.sleep(0.5)
