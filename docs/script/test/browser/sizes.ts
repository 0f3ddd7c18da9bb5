// What a reader downloads.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { chapters } from '../native.ts';
import { BOOK } from './server.ts';

const KB = 1000;

const MOST = 230 * KB;
/** Programs that need more: because of a subscriber, of many sections, or of large crates. So they at least do not grow. */
const LARGER: Readonly<Record<string, number>> = {
    crawler: 300 * KB,
    observability: 350 * KB,
    tasks: 240 * KB,
    'web-server': 300 * KB,
};
const SCRIPT_AND_STYLE = 40 * KB;

function compressed(path: string): number {
    return gzipSync(readFileSync(join(BOOK, path)), { level: 9 }).length;
}

test('script and style of the pages have less than 40 KB, compressed', (t) => {
    const names = readdirSync(join(BOOK, 'theme'), { recursive: true, encoding: 'utf8' });
    const files = names.filter((name) => /\.(css|js)$/.test(name)).map((name) => `theme/${name}`);
    assert.ok(files.some((name) => name.endsWith('.css')) && files.some((name) => name.endsWith('.js')), files.join());
    const sizes = [...files, 'programs/worker.js'].map((name) => ({ name, size: compressed(name) }));
    const all = sizes.reduce((sum, { size }) => sum + size, 0);
    t.diagnostic(`${all} bytes: ${sizes.map(({ name, size }) => `${name} ${size}`).join(', ')}`);
    assert.ok(all < SCRIPT_AND_STYLE, `${all} bytes`);
});

test('the program of each chapter has less than 230 KB, compressed, and four a little more', (t) => {
    const sizes = chapters().map((name) => ({ name, size: compressed(`programs/${name}.wasm`) }));
    t.diagnostic(sizes.map(({ name, size }) => `${name} ${Math.round(size / KB)}`).join(', '));
    const large = sizes.filter(({ name, size }) => size >= (LARGER[name] ?? MOST));
    assert.deepEqual(large, []);
});
