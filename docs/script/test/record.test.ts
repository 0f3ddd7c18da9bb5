import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../src/record.ts';

test('a record of another version is refused', () => {
    assert.equal(parse('{"version":1,"runs":[]}').version, 1);
    for (const other of ['{"version":2,"runs":[]}', '{"version":1}', 'null']) {
        assert.throws(() => parse(other), /a record of version 1 was expected/);
    }
});
