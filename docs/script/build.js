// Bundles the script of the pages; with `--tests` the tests for Node, with `--browser` those in a browser.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const here = import.meta.dirname;
/** @type {import('esbuild').BuildOptions} */
const common = { absWorkingDir: here, bundle: true, logLevel: 'warning', target: 'es2022' };

/**
 * A classic script of its own: the pages load it without modules, also from `file://`.
 * @param {string} source
 * @param {string} target
 */
async function bundle(source, target) {
    // The worker is optional: without it the pages show recorded runs.
    if (!existsSync(join(here, source))) return;
    await build({ ...common, entryPoints: [source], outfile: target, format: 'iife', minify: true });
}

/**
 * @param {string} outdir
 * @param {string[]} entryPoints
 */
async function forNode(outdir, entryPoints) {
    // Else a test whose source is deleted would run forever.
    rmSync(join(here, outdir), { recursive: true, force: true });
    /** @type {import('esbuild').BuildOptions} */
    const node = { platform: 'node', format: 'esm', packages: 'external', sourcemap: 'inline' };
    await build({ ...common, ...node, entryPoints, outdir });
}

if (process.argv.includes('--tests')) {
    const names = readdirSync(join(here, 'test')).filter((name) => name.endsWith('.test.ts'));
    await forNode('built/test', [...names, 'programs.ts'].map((name) => `test/${name}`));
} else if (process.argv.includes('--browser')) {
    await forNode('built/browser', ['test/browser/main.ts']);
} else {
    await bundle('src/panel.ts', '../theme/built/panel.js');
    await bundle('src/run/worker.ts', '../src/programs/worker.js');
}
