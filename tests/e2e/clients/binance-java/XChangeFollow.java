import info.bitrich.xchangestream.binance.BinanceStreamingExchange;
import info.bitrich.xchangestream.binance.KlineSubscription;
import info.bitrich.xchangestream.core.ProductSubscription;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Set;
import org.knowm.xchange.ExchangeFactory;
import org.knowm.xchange.binance.dto.marketdata.KlineInterval;
import org.knowm.xchange.currency.CurrencyPair;

/** XChange asks a URL and follows it, and prints what it gets as JSON lines. Ends with stdin. */
public class XChangeFollow {
  private static String url;

  /** The only way to give it another host. */
  public static class Exchange extends BinanceStreamingExchange {
    @Override
    protected String getStreamingBaseUri() {
      return url.replaceFirst("http", "ws") + "/";
    }
  }

  public static void main(String[] args) throws Exception {
    url = args[0];
    var specification = new Exchange().getDefaultExchangeSpecification();
    specification.setSslUri(url);
    specification.setShouldLoadRemoteMetaData(true);
    var exchange = (Exchange) ExchangeFactory.INSTANCE.createExchange(specification);
    CurrencyPair pair = CurrencyPair.BTC_USDT;
    var ticker = exchange.getMarketDataService().getTicker(pair);
    var book = exchange.getMarketDataService().getOrderBook(pair);
    report("asked", text("bid", book.getBids().get(0).getLimitPrice()), text("ask", book.getAsks().get(0).getLimitPrice()),
        text("last", ticker.getLast()), "\"isKnown\":" + exchange.getExchangeInstruments().contains(pair));
    var klines = new KlineSubscription(Map.of(pair, Set.of(KlineInterval.m1)));
    exchange.connect(klines, ProductSubscription.create().addTrades(pair).addTicker(pair).build()).blockingAwait();
    var streams = exchange.getStreamingMarketDataService();
    streams.getRawTrades(pair).subscribe((trade) ->
        report("trade", text("id", trade.getTradeId()), text("price", trade.getPrice()), text("size", trade.getQuantity()),
            "\"ts\":" + trade.getTimestamp(), text("side", trade.isBuyerMarketMaker() ? "sell" : "buy")));
    streams.getRawTicker(pair).subscribe((day) ->
        report("ticker", "\"ts\":" + day.getCloseTime(), text("last", day.getLastPrice()), text("open24h", day.getOpenPrice()),
            text("high24h", day.getHighPrice()), text("low24h", day.getLowPrice()), text("volume24h", day.getVolume()),
            text("bid", day.getBidPrice()), text("ask", day.getAskPrice())));
    streams.getKlines(pair, KlineInterval.m1).subscribe((bar) ->
        report("bar", "\"start\":" + bar.getOpenTime(), text("open", bar.getOpen()), text("high", bar.getHigh()),
            text("low", bar.getLow()), text("close", bar.getClose()), text("volume", bar.getVolume())));
    while (System.in.read() != -1) {}
    System.exit(0);
  }

  private static String text(String name, Object value) {
    return "\"" + name + "\":\"" + (value instanceof BigDecimal number ? number.toPlainString() : value) + "\"";
  }

  private static synchronized void report(String event, String... fields) {
    System.out.println("{\"event\":\"" + event + "\"," + String.join(",", fields) + "}");
  }
}
