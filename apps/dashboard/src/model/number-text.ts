/**
 * Numbers as the viewer's locale writes them. Each formatter is made once, when its first number comes: an `Intl`
 * formatter costs more than all it will format.
 */
export interface NumberText {
  /** The first formatter of a page takes the browser tens of milliseconds: done here, they are not part of a paint. */
  prepare(): void;
  /** A decimal string with every digit it has, padded to `decimals`. */
  price(text: string, decimals?: number): string;
  /** Amounts of any size, short: `1.2K`. */
  amount(value: number): string;
  /** `+1.24%` from 1.24. */
  change(percent: number): string;
  /** A difference of prices, with its sign: `+12.40`. */
  move(value: number, decimals: number): string;
  /** `89.9%` from 0.899. */
  share(value: number): string;
  count(value: number): string;
  /** One digit behind the point below ten. */
  perSecond(value: number): string;
  /** Milliseconds as `0.3s`, `12s`, `4m`, `2h`. */
  age(ms: number): string;
  /** `12 ms`, `1.4 s`; negative where clocks differ. */
  latency(ms: number): string;
  /** `2.4 bp`; `<0.1 bp` for less than that. */
  basisPoints(value: number): string;
}

/** How many digits stand behind the point. */
export const decimalsOf = (text: string): number => {
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
};

/** The same without zeros at the end: some venues pad every price to eight digits. */
export const usedDecimalsOf = (text: string): number => decimalsOf(text.includes('.') ? text.replace(/0+$/, '') : text);

/** Without values that are not language tags, such as `C`, which some browsers report. English if none is left. */
export const usableLocales = (tags: readonly string[]): readonly string[] => {
  const usable = tags.filter((tag) => {
    try {
      return Intl.getCanonicalLocales(tag).length > 0;
    } catch {
      return false;
    }
  });
  return usable.length > 0 ? usable : ['en'];
};

const maxDecimals = 20;

export const createNumberText = (locales?: readonly string[]): NumberText => {
  const tags = locales === undefined ? undefined : [...locales];
  const make = (options: Intl.NumberFormatOptions): ((value: number) => string) => {
    let format: Intl.NumberFormat | undefined;
    return (value) => {
      format ??= new Intl.NumberFormat(tags, options);
      return format.format(value);
    };
  };
  const prices = new Map<number, Intl.NumberFormat>();
  const priceFormat = (decimals: number): Intl.NumberFormat => {
    const known = prices.get(decimals);
    if (known !== undefined) return known;
    const format = new Intl.NumberFormat(tags, { minimumFractionDigits: decimals, maximumFractionDigits: maxDecimals });
    prices.set(decimals, format);
    return format;
  };
  const unit = (name: string, digits: number, unitDisplay: 'narrow' | 'short') =>
    make({ style: 'unit', unit: name, unitDisplay, minimumFractionDigits: digits, maximumFractionDigits: digits });
  const compact = make({ notation: 'compact', maximumSignificantDigits: 4 });
  const small = make({ maximumSignificantDigits: 4 });
  const percent = make({
    style: 'percent',
    signDisplay: 'exceptZero',
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  });
  const moves = new Map<number, (value: number) => string>();
  const moveFormat = (decimals: number): ((value: number) => string) => {
    const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    const format = moves.get(decimals) ?? make({ signDisplay: 'exceptZero', ...digits });
    moves.set(decimals, format);
    return format;
  };
  const share = make({ style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const whole = make({ maximumFractionDigits: 0 });
  const oneDigit = make({ minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const tenths = unit('second', 1, 'narrow');
  const seconds = unit('second', 0, 'narrow');
  const minutes = unit('minute', 0, 'narrow');
  const hours = unit('hour', 0, 'narrow');
  const milliseconds = unit('millisecond', 0, 'short');
  const longLatency = unit('second', 1, 'short');

  return {
    prepare: () => void whole(0),
    // The string goes to the formatter as it is: no digit is lost on the way through a binary number.
    price: (text, decimals = decimalsOf(text)) => priceFormat(decimals).format(text as `${number}`),
    amount: (value) => (Math.abs(value) >= 1_000 ? compact : small)(value),
    change: (value) => percent(value / 100),
    move: (value, decimals) => moveFormat(Math.min(decimals, maxDecimals))(value),
    share,
    count: whole,
    perSecond: (value) => (value < 10 ? oneDigit : whole)(value),
    age: (ms) => {
      if (ms < 9_950) return tenths(Math.max(0, ms) / 1_000);
      if (ms < 99_500) return seconds(ms / 1_000);
      return ms < 5_400_000 ? minutes(ms / 60_000) : hours(ms / 3_600_000);
    },
    latency: (ms) => (Math.abs(ms) < 999.5 ? milliseconds(ms) : longLatency(ms / 1_000)),
    basisPoints: (value) => {
      if (value > 0 && value < 0.05) return `<${oneDigit(0.1)} bp`;
      return `${value < 9.95 ? oneDigit(value) : whole(value)} bp`;
    },
  };
};
