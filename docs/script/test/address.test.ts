import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read, write } from '../src/run/address.ts';

test('what was written is read again', () => {
    const one = write('', 'queues/bounded', { capacity: '1', making: '50ms' });
    assert.equal(one, '?queues/bounded=capacity:1,making:50ms');
    const two = write(one, 'queues/closing', { odd: '50 % & é' });
    assert.deepEqual(
        [...read(two)],
        [['queues/bounded', { capacity: '1', making: '50ms' }], ['queues/closing', { odd: '50 % & é' }]],
    );
});

test('the search of the book keeps its parameters, and other sections keep theirs', () => {
    const both = '?highlight=full%20queue&queues/bounded=capacity:1&queues/closing=n:2';
    assert.equal(write(both, 'queues/bounded', { capacity: '2' }), '?highlight=full%20queue&queues/closing=n:2&queues/bounded=capacity:2');
    assert.equal(write(both, 'queues/closing', {}), '?highlight=full%20queue&queues/bounded=capacity:1');
    assert.deepEqual([...read('?search=a:b&highlight=c:d')], []);
});

test('the defaults need no parameter', () => {
    assert.equal(write('?queues/bounded=capacity:1', 'queues/bounded', {}), '');
});

test('a damaged address sets what can be read of it', () => {
    assert.deepEqual([...read('?queues/bounded=capacity:%E9,,x,:1,n:2&queues/closing&=&')], [
        ['queues/bounded', { capacity: '%E9', n: '2' }],
    ]);
    // Some mail programs escape more than is needed.
    assert.deepEqual([...read('?queues%2Fbounded=capacity%3A1')], [['queues/bounded', { capacity: '1' }]]);
});
