import assert from 'node:assert/strict';
import { test } from 'node:test';
import { positions } from '../src/positions.ts';
import type { Event } from '../src/record.ts';
import { begin, done, end, made, run, said, started, waits } from './runs.ts';

test('quiet events of a lane belong to the next event of the same lane and moment', () => {
    const events = [
        made(0, 0),
        made(0, 1),
        started(0, 0),
        begin(0, 0, 0, 'making', 7),
        started(0, 1),
        end(10, 0, 0),
        said(10, 0, 'made one', 8),
        end(20, 0, 0),
        done(30, 0),
    ];
    const shown = positions(run(['a', 'b'], events)).map(({ at, rust, event }) => [at, rust, event?.what, event?.lane]);
    assert.deepEqual(shown, [
        [0, 1, 'made', 0],
        [0, 2, 'made', 1],
        [0, 4, 'in', 0],
        [0, 5, 'started', 1],
        [10, 7, 'said', 0],
        [20, 8, 'out', 0],
        [30, 9, 'ended', 0],
        [30, 9, undefined, undefined],
    ]);
});

test('a group of quiet events shows that its lane was made, not that it started', () => {
    const [first] = positions(run(['a'], [made(0, 0), started(0, 0), done(9, 0)]));
    assert.equal(first?.event?.what, 'made');
});

test('Python has just printed the same line, or has run as far as it can without another', () => {
    const rust = [said(5, 0, 'one', 1), begin(5, 0, 0, 'resting', 3), said(5, 0, 'two', 2), done(5, 0), done(9, 0)];
    const python = [
        made(0, 0),
        waits(0, 0, 1),
        said(5, 0, 'a one', 2),
        waits(5, 0, 3),
        said(5, 0, 'a two', 4),
        waits(5, 0, 5),
        done(9, 0),
    ];
    const all = positions(run(['a'], rust), run(['main'], python));
    const followed = all.filter(({ language }) => language === 'rust').map(({ python }) => python);
    // After the first line; before the second; after the second; the moment is finished; the end, twice.
    assert.deepEqual(followed, [3, 4, 5, 6, 7, 7]);
});

test('the same lines belong together in any order, and other lines by their number', () => {
    const rust = [said(5, undefined, 'b', 1), said(5, undefined, 'only here', 1), said(5, undefined, 'a', 1)];
    const python = [said(5, 0, 'a', 1), said(5, 0, 'only there', 1), said(5, 0, 'b', 1), said(5, 0, 'late', 1)];
    const all = positions(run([], rust), run(['main'], python));
    // The second line of Rust is the second of Python, which has printed three already.
    assert.deepEqual(all.map(({ python }) => python), [3, 3, 3, 4]);
    const inOrder = positions(run([], rust), run(['main'], [said(5, 0, 'b', 1), said(5, 0, 'only there', 1), said(5, 0, 'a', 1)]));
    assert.deepEqual(inOrder.map(({ python }) => python), [1, 2, 3, 3]);
});

const RUST = [said(5, 0, 'one', 1), said(5, 0, 'two', 2), begin(5, 0, 0, 'resting', 3), done(9, 0)];

test('Python finishes a moment in which it prints fewer lines', () => {
    const python = [made(0, 0), said(5, 0, 'a one', 2), waits(5, 0, 3), done(9, 0)];
    const all = positions(run(['a'], RUST), run(['main'], python));
    assert.deepEqual(all.filter(({ at }) => at === 5).map(({ python }) => python), [2, 3, 3]);
});

test('Python starts a task no earlier than Rust, and not before it comes to what the task does first', () => {
    const rust = [made(0, 0), made(0, 1), started(0, 0), begin(0, 0, 0, 'resting', 3), started(0, 1), begin(0, 1, 1, 'resting', 3)];
    const python = [made(0, 0), started(0, 0), made(0, 1), made(0, 2), waits(0, 0, 1)];
    const tasks = (events: readonly Event[], ours: readonly Event[] = []) => {
        const all = positions(run(['a', 'b'], [...rust, ...ours]), run(['main', 'a', 'b'], [...python, ...events]), [-1, 0, 1]);
        return all.map(({ python }) => python);
    };
    // The first task waits, or prints a line, before the second one starts.
    assert.deepEqual(tasks([started(0, 1), waits(0, 1, 3), started(0, 2), waits(0, 2, 3)]), [3, 4, 7, 9, 9]);
    // Rust has started the second lane already, but it has not printed.
    const prints = [started(0, 1), waits(0, 1, 3), started(0, 2), said(0, 2, 'b one', 4), waits(0, 2, 3)];
    assert.deepEqual(tasks(prints, [said(0, 1, 'one', 2)]), [3, 4, 7, 7, 9, 10]);
});

test('Python makes and ends a task when Rust makes and ends the lane of the same job', () => {
    const rust = [made(0, 0), made(0, 1), started(0, 0), begin(0, 0, 0, 'working', 1), done(9, 0), done(9, 1)];
    const python = [
        made(0, 0),
        made(0, 2),
        made(0, 1),
        waits(0, 0, 5),
        waits(0, 1, 6),
        done(9, 1),
        waits(9, 2, 7),
        done(9, 2),
        done(9, 0),
    ];
    const all = positions(run(['a', 'b'], rust), run(['main', 'second', 'first'], python), [-1, 1, 0]);
    const followed = all.map(({ python, event }) => [event?.what, python]);
    assert.deepEqual(followed, [
        ['made', 2],
        ['made', 3],
        ['in', 5],
        // Python ends its tasks in another order, and never goes back.
        ['ended', 8],
        ['ended', 8],
        [undefined, 9],
    ]);
});

test('a moment of Python alone has positions of its own, unless a task only waits', () => {
    const python = [made(0, 0), waits(3, 0, 1), said(7, 0, 'alone', 2), waits(7, 0, 3), done(9, 0)];
    const all = positions(run(['a'], RUST), run(['main'], python));
    const alone = all.filter(({ language }) => language === 'python');
    assert.deepEqual(
        alone.map(({ at, rust, python, event }) => [at, rust, python, event?.what]),
        [
            [0, 0, 1, 'made'],
            [7, 3, 3, 'said'],
        ],
    );
    assert.deepEqual(all.map(({ at }) => at), [0, 5, 5, 5, 7, 9, 9]);
});

test('at the last position both programs have finished, at the end of the run', () => {
    const rust = [said(5, 0, 'one', 1)];
    const python = [said(5, 0, 'one', 2), done(5, 0)];
    const all = positions(run(['a'], rust, { end: 50 }), run(['main'], python));
    assert.deepEqual(all.map(({ python }) => python), [1, 2]);
    assert.deepEqual(all.at(-1), { at: 50, rust: 1, python: 2, language: 'rust' });
    assert.equal(positions(run([], [])).length, 1);
});
