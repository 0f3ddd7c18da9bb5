import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pythonProgram, rustProgram } from '../src/lanes.ts';
import { eventInWords, seconds } from '../src/words.ts';
import { begin, done, end, made, run, said, started, waits } from './runs.ts';

test('each event is described in words', () => {
    const events = [
        made(0, 0),
        started(0, 0),
        begin(0, 0, 4, 'making', 1),
        end(0, 0, 4),
        said(0, 0, 'produced 1', 2),
        said(0, undefined, 'all done', 3),
        waits(0, 0, 5),
        { at: 9000, lane: 0, what: 'unpolled', since: 5000 } as const,
        done(0, 0),
    ];
    const small = run(['producer'], events);
    assert.deepEqual(
        events.map((event) => eventInWords(event, rustProgram(small))),
        [
            'producer is made',
            'producer starts',
            'producer begins “making”',
            'producer ends “making”',
            'producer prints “produced 1”',
            'main prints “all done”',
            'producer waits',
            'producer is polled, 0.004 s after it was woken',
            'producer is done',
        ],
    );
});

test('what is dropped in Rust is cancelled in asyncio', () => {
    const event = { at: 0, lane: 0, what: 'ended', how: 'dropped' } as const;
    const small = run(['job'], [event]);
    const twin = pythonProgram(small, rustProgram(small));
    assert.equal(eventInWords(event, rustProgram(small)), 'job is dropped');
    assert.equal(eventInWords(event, twin), 'job is cancelled');
    assert.equal(eventInWords(done(0, 0), twin), 'job is done');
});

test('a time has three digits, or six if it needs them', () => {
    assert.deepEqual([0, 40_000, 1_234_000, 500].map(seconds), ['0.000 s', '0.040 s', '1.234 s', '0.000500 s']);
});
