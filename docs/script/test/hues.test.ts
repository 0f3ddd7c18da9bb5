import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counterparts, hues, MAIN } from '../src/hues.ts';
import { begin, made, run, said } from './runs.ts';

test('a lane has the hue of its first step in the picture, or the next free one', () => {
    const events = [begin(0, 2, 0, 'making', 1), begin(0, 0, 1, 'using', 2), begin(0, 1, 2, 'making', 1)];
    // `making` has hue 0 and `using` hue 1; the second lane that makes gets the first free hue.
    assert.deepEqual(hues(run(['a', 'b', 'c', 'd'], events)), [1, 0, 2, 3]);
});

test('there are hues for any number of lanes', () => {
    const all = hues(run(Array.from({ length: 20 }, () => 'a'), []));
    assert.deepEqual(all.slice(0, 8), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.ok(all.every((hue) => hue >= 0 && hue < 8));
});

test('a task belongs to the lane that prints its first line', () => {
    const rust = run(['producer', 'consumer'], [said(1, 0, 'made 1', 1), said(2, 1, 'used 1', 2)]);
    const python = run(['main', 'consume', 'produce'], [said(1, 2, 'producer made 1', 1), said(2, 1, 'consumer used 1', 2)]);
    assert.deepEqual(counterparts(python, rust), [MAIN, 1, 0]);
});

test('tasks that print nothing belong to the remaining lanes in order, if there are as many', () => {
    const rust = run(['a', 'b'], [made(0, 0), made(0, 1)]);
    assert.deepEqual(counterparts(run(['main', 'job', 'job'], []), rust), [MAIN, 0, 1]);
    assert.deepEqual(counterparts(run(['main', 'job'], []), rust), [MAIN, undefined]);
});
