"""python-binance follows trades, tickers and klines at a URL and prints what it gets as JSON lines. Ends with stdin."""

import asyncio
import json
import logging
import sys

from binance import AsyncClient, BinanceSocketManager

url = sys.argv[1]
logging.disable(logging.CRITICAL)


def report(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


async def follow():
    BinanceSocketManager.STREAM_URL = f"{url.replace('http', 'ws')}/"
    AsyncClient.API_URL = f"{url}/api"
    client = await AsyncClient.create()
    report("info", symbols=[each["symbol"] for each in (await client.get_exchange_info())["symbols"]])
    manager = BinanceSocketManager(client)
    streams = ["btcusdt@trade", "btcusdt@miniTicker", "btcusdt@kline_1s"]
    async with manager.multiplex_socket(streams) as socket:
        while True:
            message = await socket.recv()
            report("message", message=message)


async def main():
    following = asyncio.create_task(follow())
    ended = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    done, _ = await asyncio.wait([following, ended], return_when=asyncio.FIRST_COMPLETED)
    if following in done:
        following.result()


asyncio.run(main())
