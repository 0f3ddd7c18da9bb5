// Every page is opened once; what is wrong with it is reported by three tests.

import { createRequire } from 'node:module';
import { test } from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { eachPage, none, open, pages } from './book.ts';
import { cutOff } from './layout.ts';

const WIDTHS = [1440, 1100, 768, 360];
const THEMES = ['light', 'navy'];

/** One page of each kind: axe reads them with each theme and width, and the others once, because it is slow. */
const EXAMPLES = ['01-coroutines.html', 'translation.html', 'index.html'];

/** Without the program of a chapter, uncompressed. */
const MOST_BYTES = 1_500_000;

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

declare const axe: { run(options: object): Promise<AxeResults> };

interface Findings {
    readonly loading: string[];
    readonly layout: string[];
    readonly access: string[];
    readonly weights: { readonly name: string; readonly bytes: number }[];
}

let visited: Promise<Findings> | undefined;

/** Opens all pages when it is called first. */
function visits(): Promise<Findings> {
    visited ??= (async () => {
        const findings: Findings = { loading: [], layout: [], access: [], weights: [] };
        await eachPage((name) => visit(name, findings));
        return findings;
    })();
    return visited;
}

async function visit(name: string, { loading, layout, access, weights }: Findings): Promise<void> {
    await open(name, {}, async ({ page, problems }) => {
        const records = await page.locator('.panel:has(.record)').count();
        const cursors = await page.locator('.panel .walk').count();
        if (records !== cursors) loading.push(`${name}: ${records} records have ${cursors} time cursors`);
        weights.push({ name, bytes: await page.evaluate(weight) });
        await page.addScriptTag({ path: AXE });
        for (const theme of THEMES) {
            await choose(page, theme);
            for (const width of WIDTHS) {
                await resize(page, width);
                const where = `${name}, ${width} px, ${theme}`;
                layout.push(...(await page.evaluate(cutOff)).map((problem) => `${where}: ${problem}`));
                const isRead = EXAMPLES.includes(name) || (theme === THEMES[0] && width === WIDTHS[0]);
                if (isRead) access.push(...(await serious(page)).map((problem) => `${where}: ${problem}`));
            }
        }
        loading.push(...problems.map((problem) => `${name}: ${problem}`));
    });
}

/** Chooses a theme as a reader does. */
async function choose(page: Page, theme: string): Promise<void> {
    await page.click('#mdbook-theme-toggle');
    await page.click(`#mdbook-theme-${theme}`);
    await page.keyboard.press('Escape');
}

/** In the page: how many bytes it has loaded, without mdBook's fonts, which all pages share. */
function weight(): number {
    const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    const entries = all.filter(({ name }) => !name.endsWith('.woff2'));
    return entries.reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).decodedBodySize, 0);
}

/** A page that is opened in a narrow window has no sidebar. */
async function resize(page: Page, width: number): Promise<void> {
    await page.setViewportSize({ width, height: 900 });
    const hasSidebar = await page.locator('#mdbook-sidebar-toggle-anchor').isChecked();
    if (hasSidebar !== width >= 1080) await page.click('#mdbook-sidebar-toggle');
    await page.evaluate(async () => {
        // A colour that is still changing may have too little contrast.
        for (const animation of document.getAnimations()) animation.finish();
        // Two frames: what observes the ends of animations, and sizes, has seen them.
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    });
}

/** What axe finds that is serious or critical. */
async function serious(page: Page): Promise<string[]> {
    const { violations } = await page.evaluate(() => axe.run({ resultTypes: ['violations'] }));
    const isSerious = ({ impact }: { impact?: string | null }) => impact === 'serious' || impact === 'critical';
    return violations.filter(isSerious).map(({ id, nodes }) => {
        const [first] = nodes;
        return `${id}: ${nodes.length} times, such as ${first?.target.join(' ') ?? ''}: ${first?.failureSummary ?? ''}`;
    });
}

test('every page loads without an error, a warning or a failed request', async () => {
    none((await visits()).loading);
});

test('nothing overflows at 360, 768, 1100 and 1440 px, light and dark', async () => {
    none((await visits()).layout);
});

test('axe finds nothing serious or critical, light and dark', async () => {
    none((await visits()).access);
});

test('no page has more than 1.5 MB without its program', async (t) => {
    const { weights } = await visits();
    const [heaviest] = weights.sort((a, b) => b.bytes - a.bytes);
    t.diagnostic(`${heaviest?.name ?? 'no page'}: ${heaviest?.bytes ?? 0} bytes`);
    const large = weights.filter(({ bytes }) => bytes > MOST_BYTES);
    none(large.map(({ name, bytes }) => `${name}: ${bytes} bytes`));
});

test('the page to print has all panels, and loads without an error', async () => {
    // It opens the dialog to print, when it has loaded.
    const prepare = (page: Page) => page.addInitScript(() => { window.print = () => undefined; });
    await open('print.html', { prepare }, async ({ page, problems }) => {
        const panels = await page.locator('.panel').count();
        if (panels < pages().length) problems.push(`it has ${panels} panels`);
        none(problems);
    });
});
