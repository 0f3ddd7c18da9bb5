import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { lanesAt, pythonProgram, rustProgram, type LaneNow } from '../src/lanes.ts';
import { positions } from '../src/positions.ts';
import { parse, type Run } from '../src/record.ts';
import { eventInWords, seconds, spotInWords } from '../src/words.ts';
// A person found these lines in the programs. The test in a browser reads the same file.
import sections from './cursor.json';

for (const { chapter, section, moments } of sections) {
    test(`${chapter} ${section}: the cursor is on the lines that a reader of both programs finds`, () => {
        const rust = rustProgram(recorded(`${chapter}/${section}.json`));
        const python = pythonProgram(recorded(`${chapter}/${section}.asyncio.json`), rust);
        const all = positions(rust.run, python.run, python.jobs);
        for (const { position, at, text, ...lines } of moments) {
            const moment = all[position - 1];
            assert.ok(moment?.event);
            assert.equal(`${seconds(moment.at)} ${eventInWords(moment.event, rust)}`, `${at} ${text}`);
            assert.deepEqual(lanesAt(rust, python, moment).flatMap(spot), lines.rust);
            assert.deepEqual(lanesAt(python, rust, moment).flatMap(spot), lines.python);
        }
    });
}

/** The run that the book shows. The tests run in the folder of this package. */
function recorded(path: string): Run {
    const [run] = parse(readFileSync(`../runs/${path}`, 'utf8')).runs;
    assert.ok(run);
    return run;
}

function spot({ name, spot }: LaneNow): [string, string][] {
    return spot ? [[name, spotInWords(spot)]] : [];
}
