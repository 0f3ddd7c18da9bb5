// The programs of the pages, in the worker of a page, print what the native programs print.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { FOLDER } from '../../src/run/execute.ts';
import { options, type Settings } from '../../src/run/knob.ts';
import type { Answer, Order } from '../../src/run/messages.ts';
import { fileNames, outputs } from '../../src/run/program.ts';
import { chapters, native, sections, settings } from '../native.ts';
import { none, open } from './book.ts';

/** Much more than a run takes on a busy machine. */
const limits = { time: 120_000, printed: 100_000_000 };

/** The default, and two other settings: all knobs at their lowest and at their highest. */
const SETTINGS = 3;

declare const path_to_root: string;

/** What the runs print, one after the other in one worker, as in a page. */
function printed(page: Page, chapter: string, orders: readonly Order[]): Promise<string[]> {
    return page.evaluate(async ({ chapter, orders }) => {
        const program = await fetch(`${path_to_root}programs/${chapter}.wasm`);
        const module = await WebAssembly.compile(await program.arrayBuffer());
        const worker = new Worker(`${path_to_root}programs/worker.js`);
        worker.postMessage({ module });
        const results: string[] = [];
        for (const order of orders) {
            results.push(await new Promise<string>((resolve, reject) => {
                worker.onerror = (event) => { reject(new Error(event.message)); };
                worker.onmessage = ({ data }: MessageEvent<Answer>) => {
                    if (data.is === 'finished') resolve(data.finished.output);
                };
                worker.postMessage(order);
            }));
        }
        worker.terminate();
        return results;
    }, { chapter, orders });
}

test('each pure section prints in the page what it prints natively, with three settings', async (t) => {
    let count = 0;
    await open('index.html', {}, async ({ page, problems }) => {
        for (const chapter of chapters()) {
            const runs = sections(chapter).flatMap((section) =>
                settings(section).slice(0, SETTINGS).map((setting): [string, Settings] => [section.name, setting]));
            assert.ok(runs.length > 0, `${chapter} has no pure section`);
            const orders = runs.map(([section, setting]): Order => {
                const args = [chapter, section, '--plain', ...outputs(FOLDER), ...options(setting)];
                return { args, files: fileNames(section), limits };
            });
            const ours = await printed(page, chapter, orders);
            runs.forEach(([section, setting], number) => {
                const args = [section, '--fast', '--plain', '--timeline', 'never', ...options(setting)];
                const theirs = native(chapter, args).output;
                if (ours[number] !== theirs) {
                    problems.push(`${chapter} ${args.join(' ')}: the page prints\n${ours[number] ?? 'nothing'}\nand not\n${theirs}`);
                }
            });
            count += runs.length;
        }
        none(problems);
    });
    t.diagnostic(`${count} runs`);
});
