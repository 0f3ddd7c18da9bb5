// Runs the programs of the pages as a page runs them, and compares what they print, draw and record with
// the native programs, byte by byte: node programs.js CHAPTER…
//
// Each pure section runs with its defaults, with each knob at its lowest and with each at its highest
// value, and with each knob in turn set to a value that is refused.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute, FOLDER, type Finished } from '../src/run/execute.ts';
import { options, type Settings } from '../src/run/knob.ts';
import { fileNames, outputs } from '../src/run/program.ts';
import { native, ROOT, sections, settings, type Ended } from './native.ts';

/** Much more than a run takes on a busy machine: what is too long for a page is measured, not asserted here. */
const LIMITS = { time: 120_000, printed: 100_000_000 };

async function inPage(module: WebAssembly.Module, chapter: string, section: string, setting: Settings): Promise<Finished> {
    const args = [chapter, section, '--plain', ...outputs(FOLDER), ...options(setting)];
    return execute(module, args, fileNames(section), LIMITS);
}

/** A native run, and what it wrote; it names the folder as the page's run does. */
function natively(chapter: string, section: string, setting: Settings): Ended & Pick<Finished, 'files'> {
    const folder = mkdtempSync(join(tmpdir(), 'native-'));
    const ended = native(chapter, [section, '--fast', '--plain', ...outputs(folder), ...options(setting)]);
    const names = ended.code === REFUSED ? [] : fileNames(section);
    const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
    rmSync(folder, { recursive: true });
    return { ...ended, errors: ended.errors.replaceAll(folder, FOLDER), files };
}

/** Whether the native run records the same each time: some of Tokio's primitives wake in random order. */
function isRepeatable(chapter: string, section: string, setting: Settings): boolean {
    const runs = Array.from({ length: 10 }, () => JSON.stringify(natively(chapter, section, setting).files));
    return new Set(runs).size === 1;
}

/** Compares one run. Returns how long it took in the page, in milliseconds. */
async function compare(module: WebAssembly.Module, chapter: string, section: string, setting: Settings): Promise<number> {
    const started = performance.now();
    const ours = await inPage(module, chapter, section, setting);
    const took = performance.now() - started;
    const theirs = natively(chapter, section, setting);
    const what = [chapter, section, ...options(setting)].join(' ');
    for (const part of ['output', 'errors', 'code'] as const) assert.equal(ours[part], theirs[part], what);
    if (JSON.stringify(ours.files) !== JSON.stringify(theirs.files) && isRepeatable(chapter, section, setting)) {
        assert.deepEqual(ours.files, theirs.files, what);
    }
    return took;
}

/** The exit code if the settings are wrong, and nothing runs. */
const REFUSED = 2;

const times: { took: number; what: string }[] = [];
for (const chapter of process.argv.slice(2)) {
    const module = await WebAssembly.compile(readFileSync(join(ROOT, `docs/src/programs/${chapter}.wasm`)));
    let count = 0;
    for (const section of sections(chapter)) {
        for (const setting of settings(section)) {
            const took = await compare(module, chapter, section.name, setting);
            times.push({ took, what: [chapter, section.name, ...options(setting)].join(' ') });
            count += 1;
        }
    }
    assert.ok(count > 0, `${chapter} has no pure section`);
    console.log(`${chapter}: WebAssembly prints the same in ${count} runs`);
}
times.sort((a, b) => b.took - a.took);
const [slowest] = times;
const median = times[Math.floor(times.length / 2)];
if (slowest && median) {
    console.log(`a run takes ${median.took.toFixed(0)} ms, the slowest ${slowest.took.toFixed(0)} ms: ${slowest.what}`);
}
