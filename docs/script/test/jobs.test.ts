import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counterparts, MAIN } from '../src/jobs.ts';
import { made, run, said } from './runs.ts';

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
