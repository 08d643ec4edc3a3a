// Follows BTCUSDT with go-binance, asks by REST too, and prints one JSON line for each thing it gets, until it is killed.
//
//	go-binance <http url>
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/adshao/go-binance/v2"
)

const symbol = "BTCUSDT"

var (
	out   = json.NewEncoder(os.Stdout)
	mutex sync.Mutex
)

func report(event string, fields map[string]any) {
	mutex.Lock()
	defer mutex.Unlock()
	fields["event"] = event
	must(out.Encode(fields))
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// The library leaves it to its user to connect again.
func forever(serve func() (chan struct{}, chan struct{}, error)) {
	for {
		if done, _, err := serve(); err == nil {
			<-done
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func ignore(error) {}

func main() {
	url := os.Args[1]
	binance.BaseWsMainURL = strings.Replace(url, "http", "ws", 1) + "/ws"
	client := binance.NewClient("", "")
	client.BaseURL = url
	ask(client)
	go forever(func() (chan struct{}, chan struct{}, error) {
		return binance.WsTradeServe(symbol, func(trade *binance.WsTradeEvent) {
			side := "buy"
			if trade.IsBuyerMaker {
				side = "sell"
			}
			report("trade", map[string]any{"id": strconv.FormatInt(trade.TradeID, 10), "price": trade.Price,
				"size": trade.Quantity, "ts": trade.TradeTime, "side": side})
		}, ignore)
	})
	go forever(func() (chan struct{}, chan struct{}, error) {
		return binance.WsMarketStatServe(symbol, func(stat *binance.WsMarketStatEvent) {
			report("ticker", map[string]any{"pts": stat.Time, "last": stat.LastPrice, "open24h": stat.OpenPrice,
				"high24h": stat.HighPrice, "low24h": stat.LowPrice, "volume24h": stat.BaseVolume,
				"bid": stat.BidPrice, "ask": stat.AskPrice})
		}, ignore)
	})
	forever(func() (chan struct{}, chan struct{}, error) {
		return binance.WsKlineServe(symbol, "1s", func(event *binance.WsKlineEvent) {
			bar := event.Kline
			report("bar", map[string]any{"pts": event.Time, "start": bar.StartTime, "open": bar.Open, "high": bar.High,
				"low": bar.Low, "close": bar.Close, "volume": bar.Volume, "closed": bar.IsFinal})
		}, ignore)
	})
}

func ask(client *binance.Client) {
	ctx := context.Background()
	info, err := client.NewExchangeInfoService().Do(ctx)
	must(err)
	book, err := client.NewDepthService().Symbol(symbol).Limit(5).Do(ctx)
	must(err)
	klines, err := client.NewKlinesService().Symbol(symbol).Interval("1s").Limit(3).Do(ctx)
	must(err)
	trades, err := client.NewAggTradesService().Symbol(symbol).Limit(3).Do(ctx)
	must(err)
	_, err = client.NewTradingDayTickerService().Symbol(symbol).Do(ctx)
	must(err)
	rows := make([][]any, 0, len(klines))
	for _, kline := range klines {
		rows = append(rows, []any{kline.OpenTime, kline.Open, kline.High, kline.Low, kline.Close, kline.Volume})
	}
	prices := make([]string, 0, len(trades))
	for _, trade := range trades {
		prices = append(prices, trade.Price)
	}
	report("asked", map[string]any{"symbol": info.Symbols[0].Symbol, "bid": book.Bids[0].Price, "ask": book.Asks[0].Price,
		"klines": rows, "prices": prices})
}
