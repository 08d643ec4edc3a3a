import { describe, expect, it } from '@jest/globals';
import { decimalProduct } from './decimal-product.js';

describe('exact products', () => {
  it.each([
    ['61234.50', '0.0300', '1837.035'],
    ['0.00000001', '0.00000001', '0.0000000000000001'],
    ['100', '20', '2000'],
    ['0.0', '5', '0'],
    ['-1.5', '2', '-3'],
    ['123456789012345678901234567890.5', '2', '246913578024691357802469135781'],
  ])('[G44] %s times %s is %s', (a, b, product) => {
    expect(decimalProduct(a, b)).toBe(product);
  });
});
