import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosen, forgotten, progress, read } from '../src/predict/answers.ts';

test('what is no list of answers counts as nothing', () => {
    for (const stored of [null, '', 'no JSON', 'null', '3', '{"a":1,"b":["x"],"c":[0.5]}']) {
        assert.deepEqual(read(stored), {});
    }
    assert.deepEqual(read('{"a":[2,0],"b":"x"}'), { a: [2, 0] });
});

test('a choice is added to the earlier ones, once', () => {
    const first = chosen({ b: [1] }, 'a', 2);
    assert.deepEqual(first, { a: [2], b: [1] });
    assert.equal(chosen(first, 'a', 2), first);
    assert.deepEqual(chosen(first, 'a', 0), { a: [2, 0], b: [1] });
});

test('the answers of one page are forgotten, those of other pages are not', () => {
    assert.deepEqual(forgotten({ a: [1], b: [2], c: [0] }, ['a', 'c']), { b: [2] });
});

test('only a first choice is a prediction', () => {
    const right = new Map([['a', 1], ['b', 0], ['c', 2]]);
    assert.match(progress({ z: [1] }, right), /^Predict first: this page has 3 questions /);
    assert.match(progress({}, new Map([['a', 1]])), / 1 question /);
    assert.equal(progress({ a: [0, 1], b: [0] }, right), '1 of 3 predicted, 2 answered.');
});
