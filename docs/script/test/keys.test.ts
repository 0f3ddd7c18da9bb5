import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moved } from '../src/keys.ts';

test('a page down is forward by a tenth of the run, and a page up is back', () => {
    assert.equal(moved('PageDown', 20, 95), 30);
    assert.equal(moved('PageUp', 20, 95), 10);
    assert.deepEqual([moved('PageDown', 90, 95), moved('PageUp', 5, 95)], [95, 0]);
    assert.deepEqual([moved('PageDown', 2, 3), moved('PageUp', 2, 3)], [3, 1]);
});

test('Escape leaves the run, and other keys are those of the slider', () => {
    assert.equal(moved('Escape', 20, 95), 0);
    assert.equal(moved('ArrowRight', 20, 95), undefined);
});
