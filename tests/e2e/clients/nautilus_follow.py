"""nautilus_trader loads instruments and follows one at a URL; prints what its strategy gets as JSON lines."""

import json
import sys
from datetime import UTC, datetime

from nautilus_trader.adapters.binance.config import BinanceDataClientConfig
from nautilus_trader.adapters.binance.factories import BinanceLiveDataClientFactory
from nautilus_trader.config import InstrumentProviderConfig, LoggingConfig, TradingNodeConfig
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.data import BarType
from nautilus_trader.model.enums import BookType
from nautilus_trader.model.identifiers import InstrumentId, TraderId
from nautilus_trader.trading.strategy import Strategy

url = sys.argv[1]
instrument_id = InstrumentId.from_str("BTCUSDT.BINANCE")


def report(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def bar_of(bar):
    prices = {name: str(getattr(bar, name)) for name in ("open", "high", "low", "close", "volume")}
    return {"start": round(bar.ts_event / 1_000_000) + 1 - 1_000, **prices}


class Follow(Strategy):
    def on_start(self):
        found = self.cache.instrument(instrument_id)
        names = sorted(str(each.id) for each in self.cache.instruments())
        report("instruments", names=names, fee=str(found.taker_fee))
        self.subscribe_trade_ticks(instrument_id)
        self.subscribe_quote_ticks(instrument_id)
        self.subscribe_order_book_deltas(instrument_id, book_type=BookType.L2_MBP)
        bars = BarType.from_str(f"{instrument_id}-1-SECOND-LAST-EXTERNAL")
        self.subscribe_bars(bars)
        self.request_bars(bars, start=datetime(2024, 1, 1, tzinfo=UTC))

    def on_trade_tick(self, tick):
        side = "buy" if tick.aggressor_side.name == "BUYER" else "sell"
        price, size = str(tick.price), str(tick.size)
        report("trade", id=str(tick.trade_id), price=price, size=size, ts=round(tick.ts_event / 1_000_000), side=side)

    def on_quote_tick(self, tick):
        report("ticker", bid=str(tick.bid_price), ask=str(tick.ask_price))

    def on_order_book_deltas(self, _deltas):
        book = self.cache.order_book(instrument_id)
        report("book", bid=str(book.best_bid_price()), ask=str(book.best_ask_price()))

    def on_bar(self, bar):
        report("bar", closed=True, **bar_of(bar))

    def on_historical_data(self, data):
        report("past", **bar_of(data))


binance = BinanceDataClientConfig(
    api_key="none",
    api_secret="none",
    base_url_http=url,
    base_url_ws=url.replace("http", "ws"),
    instrument_provider=InstrumentProviderConfig(load_all=True),
)
node = TradingNode(
    config=TradingNodeConfig(
        trader_id=TraderId("TICKWIRE-001"),
        logging=LoggingConfig(log_level="OFF"),
        data_clients={"BINANCE": binance},
    )
)
node.trader.add_strategy(Follow())
node.add_data_client_factory("BINANCE", BinanceLiveDataClientFactory)
node.build()
node.run()
