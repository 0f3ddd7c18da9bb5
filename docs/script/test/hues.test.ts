import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hues } from '../src/hues.ts';
import { begin, run } from './runs.ts';

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
