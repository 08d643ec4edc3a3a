"""Buys whatever is traded, and prints what it sees and what is filled as JSON lines."""

import json

from freqtrade.strategy import IStrategy


def report(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


class BuyAll(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "5m"
    minimal_roi = {"0": 0.5}
    stoploss = -0.5
    startup_candle_count = 10
    process_only_new_candles = False

    def populate_indicators(self, dataframe, metadata):
        last = dataframe.iloc[-1]
        report(
            "candles",
            pair=metadata["pair"],
            count=len(dataframe),
            start=int(last["date"].timestamp() * 1000),
            values=[float(last[name]) for name in ("open", "high", "low", "close", "volume")],
        )
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        dataframe.loc[dataframe["volume"] > 0, "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        return dataframe

    def order_filled(self, pair, trade, order, current_time, **kwargs):
        report("filled", pair=pair, price=order.safe_price)
