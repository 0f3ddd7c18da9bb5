import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lanesAt, pythonProgram, rustProgram, type Program } from '../src/lanes.ts';
import { positions } from '../src/positions.ts';
import { eventInWords } from '../src/words.ts';
import { made, run, said, started } from './runs.ts';

const rust = rustProgram(
    run(['a', 'b'], [made(0, 0), made(0, 1), said(1, 1, 'one', 5), said(2, undefined, 'the end', 6)]),
);
const python = pythonProgram(
    run(['main', 'second', 'first'], [started(0, 0), made(0, 2), made(0, 1), said(1, 1, 'b one', 7), said(2, 0, 'the end', 8)]),
    rust,
);

/** The names of the current lanes at each position. */
function current(program: Program, other: Program): string[][] {
    return positions(rust.run, python.run, python.jobs).map((position) => {
        return lanesAt(program, other, position).flatMap(({ name, isCurrent }) => (isCurrent ? [name] : []));
    });
}

test('a position shows one lane, and the task of the same job', () => {
    assert.deepEqual(current(rust, python), [['a'], ['b'], ['b'], ['main'], []]);
    assert.deepEqual(current(python, rust), [['first'], ['second'], ['second'], ['main'], []]);
});

test('a task has the hue of its lane, and each lane knows where it was made', () => {
    assert.deepEqual(rust.hues, [0, 1]);
    assert.deepEqual(python.hues, [undefined, 1, 0]);
    const [position] = positions(rust.run);
    assert.ok(position);
    const lanes = lanesAt(rust, undefined, position).map(({ name, made, hue }) => ({ name, made, hue }));
    assert.deepEqual(lanes, [
        { name: 'main', made: undefined, hue: undefined },
        { name: 'a', made: [0, 1], hue: 0 },
        { name: 'b', made: [0, 2], hue: 1 },
    ]);
});

test('a task that prints the line of a second lane is current', () => {
    const ours = rustProgram(run(['a', 'b'], [said(1, 0, 'one', 1), said(2, 1, 'two', 2)]));
    const theirs = pythonProgram(run(['main'], [said(1, 0, 'a one', 1), said(2, 0, 'b two', 2)]), ours);
    const names = positions(ours.run, theirs.run, theirs.jobs).map((position) => {
        return lanesAt(theirs, ours, position).map(({ isCurrent }) => isCurrent);
    });
    assert.deepEqual(names, [[true], [true], [false]]);
});

test('tasks of one name have numbers, also in what happens', () => {
    const ours = rustProgram(run(['job', 'job'], []));
    const theirs = pythonProgram(run(['main', 'job', 'job'], [started(0, 2)]), ours);
    const [position] = positions(ours.run, theirs.run, theirs.jobs);
    assert.ok(position?.event);
    assert.deepEqual(lanesAt(theirs, ours, position).map(({ name }) => name), ['main', 'job #1', 'job #2']);
    assert.equal(eventInWords(position.event, theirs), 'job #2 starts');
    // Tokio prints the names of its lanes.
    assert.deepEqual(lanesAt(ours, theirs, position).map(({ name }) => name), ['job', 'job']);
});

test('the code outside of all lanes has ended at the end of the run, not at its last event', () => {
    const states = positions(rust.run, python.run, python.jobs).map((position) => {
        return lanesAt(rust, python, position)[0]?.state.is;
    });
    assert.deepEqual(states, ['outside', 'outside', 'outside', 'printing', 'ended']);
});
