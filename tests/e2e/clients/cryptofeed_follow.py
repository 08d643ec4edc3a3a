"""cryptofeed follows trades, quotes and candles at two URLs and prints what it gets as JSON lines, until it is killed.

It only connects to wss: addresses; the certificate is trusted through SSL_CERT_FILE.
"""

import json
import sys

from cryptofeed import FeedHandler
from cryptofeed.connection import RestEndpoint, Routes, WebsocketEndpoint
from cryptofeed.defines import CANDLES, TICKER, TRADES
from cryptofeed.exchanges import Binance

rest_url, stream_url = sys.argv[1:3]


def report(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


async def on_trade(trade, _received):
    ts = round(trade.timestamp * 1000)
    report("trade", id=trade.id, price=str(trade.price), size=str(trade.amount), side=trade.side, ts=ts)


async def on_ticker(ticker, _received):
    report("ticker", bid=str(ticker.bid), ask=str(ticker.ask))


async def on_candle(candle, _received):
    prices = {name: str(getattr(candle, name)) for name in ("open", "high", "low", "close", "volume")}
    start, pts = round(candle.start * 1000), round(candle.timestamp * 1000)
    report("candle", start=start, pts=pts, closed=candle.closed, **prices)


Binance.websocket_endpoints = [WebsocketEndpoint(stream_url)]
Binance.rest_endpoints = [RestEndpoint(rest_url, routes=Routes("/api/v3/exchangeInfo"))]
handler = FeedHandler(config={"uvloop": False, "log": {"disabled": True}})
callbacks = {TRADES: on_trade, TICKER: on_ticker, CANDLES: on_candle}
feed = Binance(
    symbols=["BTC-USDT"],
    channels=[TRADES, TICKER, CANDLES],
    callbacks=callbacks,
    candle_interval="1m",
    candle_closed_only=False,
)
handler.add_feed(feed)
handler.run()
