import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numbered } from '../src/names.ts';

test('equal names get numbers in their order, and other names stay', () => {
    assert.deepEqual(numbered(['main', 'job', 'watch', 'job', 'job']), ['main', 'job #1', 'watch', 'job #2', 'job #3']);
    assert.deepEqual(numbered([]), []);
});
