import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcome } from '../src/run/outcome.ts';
import type { Result } from '../src/run/program.ts';

const result = (parts: Partial<Result>): Result => ({ output: '', errors: '', ended: 'ok', took: 3500, ...parts });

test('a recorded failure is shown with the lines, a crash by its own words', () => {
    const run = { failure: 'DEADLOCK at 0.05s: nothing is left' } as NonNullable<Result['run']>;
    const failed = result({ ended: 'failed', errors: 'error: held failed: DEADLOCK at 0.05s\nwrote a record', run });
    assert.equal(outcome(failed).report, undefined);
    const crashed = result({ ended: 'failed', errors: 'thread main panicked\n' });
    assert.equal(outcome(crashed).report, 'thread main panicked');
});

test('a refusal has the words of the kit', () => {
    const { report } = outcome(result({ ended: 'refused', errors: 'error: capacity: 11 is not in 1..=10 (bounded)\n' }));
    assert.equal(report, 'error: capacity: 11 is not in 1..=10 (bounded)');
});

test('a stopped run is named as the watchdog names it, with its last lines', () => {
    const output = Array.from({ length: 30 }, (_, n) => `line ${n}\n`).join('');
    const endless = outcome(result({ ended: 'stopped', reached: 'time', output }));
    assert.match(endless.sentence, /after 3.5 s.*ENDLESS/);
    assert.equal(endless.report?.split('\n').length, 10);
    assert.match(endless.report ?? '', /^line 20\n.*line 29$/s);
    const silent = outcome(result({ ended: 'stopped', reached: 'silent' }));
    assert.match(silent.sentence, /BLOCKED/);
    assert.equal(silent.report, undefined);
    assert.match(outcome(result({ ended: 'stopped', reached: 'printed' })).sentence, /prints without end/);
});
