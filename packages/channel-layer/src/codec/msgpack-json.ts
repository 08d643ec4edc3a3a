/** Longer messages are left to the general decoder. */
const maxBytes = 16_384;
/** One byte of msgpack becomes at most `null` and a comma. */
const maxGrowth = 5;
/** The depth limit of the encoder. */
const maxDepth = 100;

const quote = 0x22;
const comma = 0x2c;
const zero = 0x30;

/** By byte: 1 if it stands for itself in JSON text, 0 if JSON escapes it or it is not ASCII. */
const isPlain = new Uint8Array(256).fill(1, 0x20, 0x7f);
isPlain[quote] = 0;
isPlain[0x5c] = 0;

/**
 * Turns msgpack into JSON text without decoding it into values: clients get what a producer wrote, and nothing is
 * decoded only to be encoded again. Returns undefined for everything invalid or unusual: bytes that are not msgpack,
 * values that JSON does not have (bytes, integers beyond 2^53), and text with escapes or beyond ASCII. The general
 * decoder then decides.
 */
export const createMsgpackToJson = (): ((bytes: Uint8Array) => Buffer | undefined) => {
  const out = Buffer.allocUnsafeSlow(maxBytes * maxGrowth + 64);
  let bytes: Uint8Array = out;
  let at = 0;
  let end = 0;
  let depth = 0;

  const put = (text: string): true => {
    end += out.write(text, end, 'latin1');
    return true;
  };

  const text = (length: number): boolean => {
    const stop = at + length;
    if (stop > bytes.length) return false;
    out[end] = quote;
    end += 1;
    for (; at < stop; at += 1) {
      const byte = bytes[at] as number;
      if (isPlain[byte] === 0) return false;
      out[end] = byte;
      end += 1;
    }
    out[end] = quote;
    end += 1;
    return true;
  };

  /** Returns NaN where the bytes end too early. */
  const readUint = (size: number): number => {
    let value = 0;
    for (const stop = at + size; at < stop; at += 1) value = value * 256 + (bytes[at] as number);
    return value;
  };

  /** Digits of an integer below 2^31, at least `width` of them. */
  const digits = (value: number, width: number): void => {
    let length = 1;
    for (let rest = value; rest >= 10; rest = (rest / 10) | 0) length += 1;
    if (length < width) length = width;
    let rest = value;
    for (let place = end + length - 1; place >= end; place -= 1) {
      const tens = (rest / 10) | 0;
      out[place] = zero + rest - tens * 10;
      rest = tens;
    }
    end += length;
  };

  const uint = (value: number): boolean => {
    if (!(value <= Number.MAX_SAFE_INTEGER)) return false;
    if (value < 0x8000_0000) {
      digits(value, 1);
      return true;
    }
    const millions = Math.floor(value / 1e6);
    if (millions < 0x8000_0000) digits(millions, 1);
    else put(String(millions));
    digits(value - millions * 1e6, 6);
    return true;
  };

  const int = (size: 1 | 2 | 4 | 8): boolean => {
    at += size;
    if (at > bytes.length) return false;
    const view = new DataView(bytes.buffer, bytes.byteOffset + at - size, size);
    if (size === 1) return put(String(view.getInt8(0)));
    if (size === 2) return put(String(view.getInt16(0)));
    if (size === 4) return put(String(view.getInt32(0)));
    const value = Number(view.getBigInt64(0));
    return Number.isSafeInteger(value) && put(String(value));
  };

  const float = (size: 4 | 8): boolean => {
    at += size;
    if (at > bytes.length) return false;
    const view = new DataView(bytes.buffer, bytes.byteOffset + at - size, size);
    const value = size === 4 ? view.getFloat32(0) : view.getFloat64(0);
    return Number.isFinite(value) && !Object.is(value, -0) && put(String(value));
  };

  const list = (length: number): boolean => {
    if (!(length <= bytes.length - at) || depth === maxDepth) return false;
    depth += 1;
    out[end] = 0x5b;
    end += 1;
    for (let index = 0; index < length; index += 1) {
      if (index > 0) {
        out[end] = comma;
        end += 1;
      }
      if (!value()) return false;
    }
    depth -= 1;
    out[end] = 0x5d;
    end += 1;
    return true;
  };

  const key = (): boolean => {
    const first = bytes[at] as number;
    at += 1;
    // Names that begin with an underscore, such as `__proto__`, are left to the general decoder.
    if (bytes[at] === 0x5f) return false;
    if (first >= 0xa0 && first < 0xc0) return text(first & 0x1f);
    return first === 0xd9 && text(readUint(1));
  };

  const map = (length: number): boolean => {
    if (!(length * 2 <= bytes.length - at) || depth === maxDepth) return false;
    depth += 1;
    out[end] = 0x7b;
    end += 1;
    for (let index = 0; index < length; index += 1) {
      if (index > 0) {
        out[end] = comma;
        end += 1;
      }
      if (!key()) return false;
      out[end] = 0x3a;
      end += 1;
      if (!value()) return false;
    }
    depth -= 1;
    out[end] = 0x7d;
    end += 1;
    return true;
  };

  const value = (): boolean => {
    const first = bytes[at] as number;
    at += 1;
    if (first < 0x80) return uint(first);
    if (first < 0x90) return map(first & 0x0f);
    if (first < 0xa0) return list(first & 0x0f);
    if (first < 0xc0) return text(first & 0x1f);
    if (first >= 0xe0) return put(String(first - 0x100));
    switch (first) {
      case 0xc0:
        return put('null');
      case 0xc2:
        return put('false');
      case 0xc3:
        return put('true');
      case 0xca:
        return float(4);
      case 0xcb:
        return float(8);
      case 0xcc:
        return uint(readUint(1));
      case 0xcd:
        return uint(readUint(2));
      case 0xce:
        return uint(readUint(4));
      case 0xcf:
        return uint(readUint(8));
      case 0xd0:
        return int(1);
      case 0xd1:
        return int(2);
      case 0xd2:
        return int(4);
      case 0xd3:
        return int(8);
      case 0xd9:
        return text(readUint(1));
      case 0xda:
        return text(readUint(2));
      case 0xdc:
        return list(readUint(2));
      case 0xde:
        return map(readUint(2));
      default:
        return false;
    }
  };

  return (payload) => {
    if (payload.length > maxBytes) return undefined;
    bytes = payload;
    at = 0;
    end = 0;
    depth = 0;
    if (!value() || at !== payload.length) return undefined;
    const json = Buffer.allocUnsafe(end);
    out.copy(json, 0, 0, end);
    return json;
  };
};
