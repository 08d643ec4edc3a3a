"""unicorn-binance-websocket-api follows streams at a URL and prints what it gets as JSON lines. Ends with stdin."""

import json
import logging
import sys

from unicorn_binance_websocket_api import BinanceWebSocketApiManager

logging.disable(logging.CRITICAL)
url = sys.argv[1].replace("http", "ws")


def report(data, *_args, **_kwargs):
    print(json.dumps({"event": "message", "message": json.loads(data)}), flush=True)


manager = BinanceWebSocketApiManager(
    exchange="binance.com", websocket_base_uri=f"{url}/", process_stream_data=report, disable_colorama=True
)
manager.create_stream(["trade", "ticker", "kline_1s"], ["btcusdt"])
sys.stdin.read()
manager.stop_manager()
