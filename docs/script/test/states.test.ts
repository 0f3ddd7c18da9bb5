import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../src/record.ts';
import { outside, states } from '../src/states.ts';
import { spotInWords, stateInWords } from '../src/words.ts';
import { begin, end, made, run, said, started, waits } from './runs.ts';

/** The state and the place of the only lane in words, at this time. */
function words(events: readonly Event[], at = events.at(-1)?.at ?? 0, count = events.length): string {
    const [now] = states(run(['a'], events), at, count);
    assert.ok(now);
    const spot = now.spot ? `; ${spotInWords(now.spot)}` : '';
    return stateInWords(now.state, 'rust') + spot;
}

test('a lane is not made, made, started, and then waits', () => {
    const events = [made(2000, 0), started(3000, 0)];
    assert.equal(words(events, 0, 0), 'not made yet');
    assert.equal(words(events, 2000, 1), 'made, not polled yet; made at line 1');
    assert.equal(words(events, 4000), 'waits, since 0.003 s; line unknown, made at line 1');
});

test('a lane is at the line of its step, and behind it when the step has ended', () => {
    const events = [made(0, 0), started(0, 0), begin(1000, 0, 7, 'making', 37), end(5000, 0, 7)];
    assert.equal(words(events, 1000, 3), 'making, since 0.001 s; line 37');
    assert.equal(words(events, 4000, 3), 'making, since 0.001 s; line 37');
    assert.equal(words(events), 'waits, since 0.005 s; after line 37');
});

test('the inner step comes first, and the outer one remains when it ends', () => {
    const events = [begin(0, 0, 1, 'job', 5), begin(2000, 0, 2, 'request', 9), end(3000, 0, 2)];
    assert.equal(words(events, 2000, 2), 'request, in job, since 0.002 s; line 9');
    assert.equal(words(events), 'job, since 0.000 s; after line 9');
});

test('a lane is at the line that it prints in this moment only', () => {
    const events = [started(0, 0), said(1000, 0, 'hello', 12)];
    assert.equal(words(events), 'prints a line; line 12');
    assert.equal(words(events, 2000), 'waits, since 0.001 s; after line 12');
});

test('a task of Python waits at a line', () => {
    assert.equal(words([made(0, 0), waits(0, 0, 33)], 9000), 'waits, since 0.000 s; line 33');
});

test('a lane is not polled from its wake to its poll', () => {
    const late: Event = { at: 9000, lane: 0, what: 'unpolled', since: 5000 };
    const events = [started(0, 0), late];
    assert.equal(words(events, 4000, 1), 'waits, since 0.000 s');
    assert.equal(words(events, 5000, 1), 'woken, not polled, since 0.005 s');
    assert.equal(words(events, 9000, 1), 'woken, not polled, since 0.005 s');
    assert.equal(words(events), 'waits, since 0.009 s');
});

test('a lane that has ended is nowhere, and each end has its word', () => {
    const ended = (how: (Event & { what: 'ended' })['how']) => words([said(0, 0, 'hello', 1), { at: 1500, lane: 0, what: 'ended', how }]);
    assert.equal(ended('done'), 'done at 0.001500 s');
    assert.equal(ended('failed'), 'failed at 0.001500 s');
    assert.equal(ended('panicked'), 'panicked at 0.001500 s');
    assert.equal(ended('dropped'), 'dropped at 0.001500 s');
    assert.equal(ended('never polled'), 'dropped without a poll at 0.001500 s');
});

test('a lane that was only made at a line is not behind it when it goes on', () => {
    const placeless = { at: 1000, lane: 0, what: 'in', step: 7, label: 'making' } as const;
    const events = [made(0, 0), started(0, 0), placeless, end(5000, 0, 7)];
    assert.equal(words(events, 1000, 3), 'making, since 0.001 s; line unknown, made at line 1');
    assert.equal(words(events), 'waits, since 0.005 s; line unknown, made at line 1');
    const silent = { at: 1000, lane: 0, what: 'said', text: 'hello' } as const;
    assert.equal(words([made(0, 0), silent], 2000), 'waits, since 0.001 s; line unknown, made at line 1');
});

test('a task of Python that has started runs until it reports that it waits', () => {
    const events = [made(0, 0), started(0, 0), waits(0, 0, 33)];
    const state = (count: number, language: 'rust' | 'python') => {
        const [now] = states(run(['a'], events), 0, count);
        assert.ok(now);
        return stateInWords(now.state, language);
    };
    assert.equal(state(1, 'python'), 'made, not run yet');
    assert.equal(state(2, 'python'), 'runs, since 0.000 s');
    assert.equal(state(3, 'python'), 'waits, since 0.000 s');
    assert.equal(state(2, 'rust'), 'waits, since 0.000 s');
});

test('the code outside of all lanes prints, or waits behind its last line, until the run is over', () => {
    const main = (events: readonly Event[], at: number, count = events.length, isOver = false, failure?: string) => {
        const now = outside(run(['a'], events, failure === undefined ? {} : { failure }), at, count, isOver);
        return now && stateInWords(now.state, 'rust') + (now.spot ? `; ${spotInWords(now.spot)}` : '');
    };
    const events = [made(0, 0), said(1000, undefined, 'hello', 20)];
    assert.equal(main([made(0, 0)], 0), undefined);
    assert.equal(main([made(0, 0)], 0, 1, true), undefined);
    assert.equal(main(events, 0, 1), 'waits, no line printed yet');
    assert.equal(main(events, 1000), 'prints a line; line 20');
    assert.equal(main(events, 2000), 'waits, last printed at 0.001 s; after line 20');
    assert.equal(main(events, 2000, 2, true), 'done at 0.001 s');
    assert.equal(main(events, 2000, 2, true, 'it broke'), 'failed at 0.001 s');
});
