import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objects, type Table } from '../src/table.ts';
// The test of the crate that writes tables reads the same file.
import example from './table.json';

test('a table has the objects from which it was made', () => {
    assert.deepEqual(objects(example.table as unknown as Table), example.objects);
});
