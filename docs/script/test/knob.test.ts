import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, command, numberOf, parse, stops, valueOf, type Knob } from '../src/run/knob.ts';

const knob = (range: string, usual: string): Knob => ({ name: 'n', default: usual, range });

test('a value is read as the kit reads it, and written as the kit writes it', () => {
    const duration = knob('0s..=5s', '1s');
    for (const [text, number] of [['0s', 0], ['1ms', 1], ['150ms', 150], ['1s', 1000], ['2500ms', 2500]] as const) {
        assert.equal(numberOf(text), number);
        assert.equal(valueOf(number, duration), text);
    }
    assert.equal(valueOf(2000, knob('1..=10000', '5')), '2000');
    for (const other of ['', '-1', '1.5', '1 s', 'ms', '1m', 'ten']) assert.equal(numberOf(other), undefined, other);
});

test('a slider offers each value of a short range', () => {
    assert.deepEqual(stops(knob('1..=4', '3')), [1, 2, 3, 4]);
    assert.deepEqual(stops(knob('0..=100', '20')).length, 101);
});

test('a slider offers round values of a long range, its ends and its default', () => {
    const lengths = stops(knob('61ms..=500ms', '157ms'));
    assert.deepEqual(lengths.slice(0, 4), [61, 65, 70, 75]);
    assert.ok(lengths.includes(157));
    assert.equal(lengths.at(-1), 500);
    assert.deepEqual(stops(knob('1..=100000', '10500')).slice(-6), [5000, 10000, 10500, 20000, 50000, 100000]);
});

test('a slider has at most a hundred steps, and its values are in order and in the range', () => {
    for (const [range, usual] of [['1..=101', '7'], ['1ms..=5s', '1s'], ['1000..=10000000', '99999'], ['100..=5000', '1000']] as const) {
        const all = stops(knob(range, usual));
        assert.ok(all.length <= 103, range);
        assert.deepEqual(all, [...all].sort((a, b) => a - b));
        assert.equal(new Set(all).size, all.length);
    }
});

test('the settings of a question are read as they are written', () => {
    assert.deepEqual(parse('capacity=1,making=50ms'), { capacity: '1', making: '50ms' });
    assert.deepEqual(parse(''), {});
});

test('a value that is the default in another form is no change', () => {
    const knobs = [knob('0s..=2s', '1s'), { name: 'm', default: '3', range: '1..=10' }];
    assert.deepEqual(changed({ n: '1000ms', m: '3' }, knobs), {});
    assert.deepEqual(changed({ n: 'soon', m: '4', other: '1' }, knobs), { n: 'soon', m: '4', other: '1' });
});

test('the command is what a reader types', () => {
    assert.equal(command('queues', 'bounded', {}), 'cargo run -p queues -- bounded --fast');
    const settings = { capacity: '1', making: '50ms' };
    assert.equal(command('queues', 'bounded', settings), 'cargo run -p queues -- bounded --fast --set capacity=1 --set making=50ms');
});
