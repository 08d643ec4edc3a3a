// The watch page: every symbol's newest ticker and forecast, four times a second at most.
const rows = document.getElementById('rows');
const state = document.getElementById('state');
const cellsOf = new Map();
let waitMs = 500;

const row = ({ venue, symbol }) => {
  const tr = document.createElement('tr');
  const name = document.createElement('th');
  name.scope = 'row';
  name.textContent = symbol;
  name.title = venue;
  const cells = ['last', 'bid', 'ask', 'change', 'band'].map((field) => {
    const td = document.createElement('td');
    td.dataset.field = field;
    td.textContent = '–';
    return td;
  });
  tr.append(name, ...cells);
  rows.append(tr);
  cellsOf.set(`${venue}.${symbol}`, Object.fromEntries(cells.map((td) => [td.dataset.field, td])));
};

const showTicker = (cells, ticker) => {
  const before = Number(cells.last.textContent);
  const now = Number(ticker.last);
  if (now !== before) cells.last.className = now > before ? 'up' : 'down';
  cells.last.textContent = ticker.last;
  cells.bid.textContent = ticker.bid ?? '–';
  cells.ask.textContent = ticker.ask ?? '–';
  const change = ticker.changePct24h;
  cells.change.textContent = change === undefined ? '–' : `${Number(change).toFixed(2)} %`;
  cells.change.className = Number(change) < 0 ? 'down' : 'up';
};

const showForecast = (cells, forecast) => {
  const horizon = forecast.horizons.find(({ seconds }) => seconds === 60);
  if (horizon === undefined) return;
  const [low, high] = horizon.levels['90'];
  cells.band.textContent = `${low} to ${high}${horizon.warming ? ' (warming up)' : ''}`;
};

const connect = (symbols) => {
  const channels = symbols.flatMap(({ venue, symbol }) => [`ticker.${venue}.${symbol}`, `forecast.${venue}.${symbol}`]);
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const socket = new WebSocket(
    `${scheme}://${location.host}/ws/prediction/?interval=250&channels=${channels.join(',')}`,
  );
  socket.onopen = () => {
    waitMs = 500;
    state.textContent = 'live';
  };
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'channel.stale') state.textContent = 'prices may be late';
    if (message.type === 'channel.live') state.textContent = 'live';
    const cells = cellsOf.get(`${message.venue}.${message.symbol}`);
    if (cells === undefined) return;
    if (message.type === 'price.ticker') showTicker(cells, message);
    if (message.type === 'price.forecast') showForecast(cells, message);
  };
  socket.onclose = ({ reason }) => {
    state.textContent = `reconnecting… ${reason}`;
    setTimeout(() => connect(symbols), waitMs * (0.5 + Math.random()));
    waitMs = Math.min(waitMs * 2, 10_000);
  };
};

const start = async () => {
  try {
    const symbols = await (await fetch('/api/symbols')).json();
    if (symbols.length === 0) throw new Error('no symbols yet');
    for (const symbol of symbols) row(symbol);
    connect(symbols);
  } catch (error) {
    state.textContent = `waiting for prices… (${error.message})`;
    setTimeout(start, 1_000);
  }
};

await start();
