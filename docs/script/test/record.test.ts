import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse, parsePageRecord } from '../src/record.ts';
import { made, started } from './runs.ts';

test('a record of another version is refused', () => {
    assert.equal(parse('{"version":1,"runs":[]}').version, 1);
    for (const other of ['{"version":2,"runs":[]}', '{"version":1}', 'null']) {
        assert.throws(() => parse(other), /a record of version 1 was expected/);
    }
});

test('a record of the page has tables for its lists', () => {
    const other = { version: 1, program: 'a', language: 'rust' };
    const lanes = { keys: [['name', 'place']], rows: [[0, 'job', [0, 7]]] };
    const events = { keys: [['at', 'lane', 'what']], rows: [[0, 0, 0, 'made'], [0, 5, 0, 'started']] };
    const short = { ...other, runs: [{ section: 'small', end: 5, lanes, events }] };
    const run = { section: 'small', end: 5, lanes: [{ name: 'job', place: [0, 7] }], events: [made(0, 0), started(5, 0)] };
    assert.deepEqual(parsePageRecord(JSON.stringify(short)), { ...other, runs: [run] });
});
