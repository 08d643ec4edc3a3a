import { describe, expect, test } from '@jest/globals';
import { createOriginRules, isAskedByAddress, isHostAllowed, isHostPattern, isOriginPattern } from './origins.js';

describe('origins', () => {
  test.each([
    [undefined, 'https://gw.example', 'gw.example', true],
    [undefined, 'https://gw.example', 'gw.example:443', true],
    [undefined, 'http://gw.example:8000', 'gw.example:8000', true],
    [undefined, 'http://gw.example:8001', 'gw.example:8000', false],
    [undefined, 'http://localhost:3000', 'gw.example', true],
    [undefined, 'http://127.0.0.1', 'gw.example', true],
    [undefined, 'http://[::1]:5173', 'gw.example', true],
    [undefined, 'https://evil.example', 'gw.example', false],
    [undefined, 'null', 'gw.example', false],
    [undefined, '', 'gw.example', false],
    [undefined, 'http://localhost.evil.example', 'gw.example', false],
    [undefined, 'https://gw.example@evil.example', 'gw.example', false],
    [undefined, 'https://evil.example#gw.example', 'gw.example', false],
    [undefined, 'https://evil.example', undefined, false],
    [['https://app.example'], 'https://app.example', 'gw.example', true],
    [['https://app.example'], 'http://app.example', 'gw.example', false],
    [['https://app.example'], 'https://app.example:8443', 'gw.example', false],
    [['https://app.example:8443'], 'https://app.example:8443', 'gw.example', true],
    [['https://app.example'], 'http://localhost:3000', 'gw.example', false],
    [['https://app.example'], 'https://gw.example', 'gw.example', true],
    [['app.example'], 'http://app.example:3000', 'gw.example', true],
    [['app.example:80'], 'http://app.example', 'gw.example', true],
    [['.example.com'], 'https://a.b.example.com', 'gw.example', true],
    [['.example.com'], 'https://example.com', 'gw.example', true],
    [['.example.com'], 'https://badexample.com', 'gw.example', false],
    [['.example.com'], 'https://example.com.evil.example', 'gw.example', false],
    [['https://.example.com'], 'https://a.example.com', 'gw.example', true],
    [['https://.example.com'], 'http://a.example.com', 'gw.example', false],
    [undefined, 'http://gw.example:8080', 'gw.example', true],
    [undefined, 'http://evil.example:8080', 'gw.example', false],
    [undefined, 'http://[2001:db8::1]:8080', '[2001:db8::1]', true],
    [undefined, 'http://[2001:db8::1]:8080', '[2001:db8::1]:8081', false],
    [['http://[::1]:3000'], 'http://[::1]:3000', 'gw.example', true],
    [['http://[::1]:3000'], 'http://[::1]:3001', 'gw.example', false],
    [['[2001:db8::1]'], 'https://[2001:db8::1]:8443', 'gw.example', true],
    [['null'], 'null', 'gw.example', true],
    [['*'], 'https://evil.example', 'gw.example', true],
  ])('[GL1] with %j from %s to %s: %s', (allowed, origin, host, isAllowed) => {
    expect((allowed ?? []).every(isOriginPattern)).toBe(true);
    expect(createOriginRules(allowed).isAllowed(origin, host)).toBe(isAllowed);
  });

  test.each([
    [undefined, 'anything', true],
    [['gw.example'], 'gw.example', true],
    [['gw.example'], 'GW.example:8000', true],
    [['gw.example'], 'gw.example.', true],
    [['gw.example'], 'evil.example', false],
    [['gw.example'], 'gw.example@evil.example', false],
    [['gw.example'], 'evil.example/gw.example', false],
    [['gw.example'], '', false],
    [['gw.example'], undefined, false],
    [['.example'], 'a.example', true],
    [['[::1]'], '[::1]:8000', true],
    [['*'], undefined, true],
  ])('[GL2] with %j a request for %s: %s', (allowed, host, isAllowed) => {
    expect((allowed ?? []).every(isHostPattern)).toBe(true);
    expect(isHostAllowed(allowed, host)).toBe(isAllowed);
  });

  test.each([
    ...['https://', 'a b', '*.example.com', 'https://a/b', 'https://a/', '(a+)+', '', '[::1', 'http://a:99999'],
    ...['wss://app.example.com', 'HTTPS://a', '127.1', '[0:0:0:0:0:0:0:1]', 'https://a:443:1', '.'],
  ])('[GL29] %j is not an origin', (text) => {
    expect(isOriginPattern(text)).toBe(false);
  });

  test.each([
    ['10.0.0.5:8000', true],
    ['[fd00::1]:8000', true],
    ['localhost:9101', true],
    ['rebound.example:8000', false],
    ['10.0.0.5.evil.example', false],
    ['', false],
    [undefined, false],
  ])('[GL31] %j is an address or this machine: %s', (host, isAddress) => {
    expect(isAskedByAddress(host)).toBe(isAddress);
  });
});
