import com.binance.connector.client.impl.SpotClientImpl;
import com.binance.connector.client.impl.WebSocketStreamClientImpl;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** binance-connector-java asks a URL and follows it, and prints what it gets, as the JSON that it hands out. Ends with stdin. */
public class ConnectorFollow {
  private static final List<String> STREAMS = List.of("btcusdt@trade", "btcusdt@ticker", "btcusdt@kline_1s");

  public static void main(String[] args) throws Exception {
    String url = args[0];
    var market = new SpotClientImpl(url).createMarket();
    Map<String, Object> symbol = Map.of("symbol", "BTCUSDT", "limit", 3);
    report("depth", market.depth(symbol));
    report("klines", market.klines(Map.of("symbol", "BTCUSDT", "interval", "1s", "limit", 3)));
    report("ui", market.uiKlines(Map.of("symbol", "BTCUSDT", "interval", "1h", "limit", 3)));
    report("average", market.averagePrice(Map.of("symbol", "BTCUSDT")));
    report("window", market.ticker(Map.of("symbol", "BTCUSDT", "windowSize", "1h")));
    report("day", market.tradingDayTicker(Map.of("symbol", "BTCUSDT")));
    follow(new WebSocketStreamClientImpl(url.replaceFirst("http", "ws")));
    while (System.in.read() != -1) {}
    System.exit(0);
  }

  /** The library leaves it to its user to connect again. */
  private static void follow(WebSocketStreamClientImpl client) {
    Runnable again = () -> {
      try {
        Thread.sleep(100);
      } catch (InterruptedException error) {
        Thread.currentThread().interrupt();
      }
      follow(client);
    };
    client.combineStreams(
        new ArrayList<>(STREAMS),
        (response) -> {},
        (message) -> report("message", message),
        (code, reason) -> {},
        (code, reason) -> again.run(),
        (error, response) -> again.run());
  }

  private static synchronized void report(String event, String json) {
    System.out.println("{\"event\":\"" + event + "\",\"message\":" + json + "}");
  }
}
