import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

test('no rule depends on what an element around the panels contains', () => {
    // Else the browser matches the whole page again at each move: 60 ms instead of 1 ms on the page of queues.
    for (const name of readdirSync('../theme').filter((name) => name.endsWith('.css'))) {
        const rules = readFileSync(`../theme/${name}`, 'utf8').replaceAll(/\/\*.*?\*\//gs, '');
        const slow = /(body|\.page|\.page-wrapper|\.content|main|\.panel|\.states|\.run|\.output|\.programs?):has\(.*/.exec(rules);
        assert.equal(slow?.[0], undefined, name);
    }
});
