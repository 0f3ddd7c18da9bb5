import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labels, lineNumbers, markedRows, type Mark } from '../src/listing.ts';

const mark = (line: number, name: string, other: Partial<Mark> = {}): Mark => {
    return { file: 'a.rs', line, name, hue: 1, relation: 'at', isCurrent: false, ...other };
};

test('the rows of a listing have the lines of their file', () => {
    assert.deepEqual(lineNumbers('12-14 0 20'), [12, 13, 14, 0, 20]);
    assert.deepEqual(lineNumbers(''), []);
});

test('a mark lies on the row of its line, in the listing of its file', () => {
    const marks = [mark(14, 'a'), mark(20, 'b'), mark(12, 'c', { file: 'b.rs' }), mark(99, 'd')];
    const rows = markedRows('a.rs', [12, 13, 14, 0, 20], marks);
    assert.deepEqual(
        rows.map(({ row, marks }) => [row, marks.map(({ name }) => name)]),
        [
            [2, ['a']],
            [4, ['b']],
        ],
    );
});

test('lanes of one name are counted, and the current one comes first', () => {
    const marks = [mark(1, 'job'), mark(1, 'main', { isCurrent: true }), mark(1, 'job')];
    assert.deepEqual(
        labels(marks).map(({ text }) => text),
        ['main', 'job ×2'],
    );
});

test('three or more names with successive numbers become one label', () => {
    const names = (all: readonly string[]) => labels(all.map((name) => mark(1, name))).map(({ text }) => text);
    assert.deepEqual(names(['job-8', 'job-9', 'job-10', 'job-12']), ['job-8…10', 'job-12']);
    assert.deepEqual(names(['job-1', 'job-2', 'a2', 'b3']), ['job-1', 'job-2', 'a2', 'b3']);
});

test('names without room are counted, and the first one is always there', () => {
    const names = (all: readonly string[]) => labels(all.map((name) => mark(1, name))).map(({ text }) => text);
    assert.deepEqual(names(['finished/consumer-0', 'finished/consumer-1', 'b']), ['finished/consumer-0', '+2']);
    assert.deepEqual(names(['a'.repeat(50), 'b']), ['a'.repeat(50), '+1']);
    assert.deepEqual(names(['safe', 'risky', 'main']), ['safe', 'risky', 'main']);
});
