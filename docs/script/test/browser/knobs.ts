// A link turns knobs; what a run prints, that it cannot continue and that it never ends are shown.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { native } from '../native.ts';
import { none, open } from './book.ts';

function panel(page: Page, section: string): Locator {
    return page.locator(`.panel[data-section=${section}]`);
}

/** Waits until the page says how a run ended. */
async function ended(panel: Locator): Promise<string> {
    const status = panel.locator('.turn > .status').filter({ hasText: /\bran?\b|\bruns?\b|refuses|crashed|fails/i });
    return (await status.filter({ hasNotText: /^(Running|Loading)/ }).innerText()).trim();
}

/** The lines of a run as the panel shows them, in the form of a terminal. */
async function lines(panel: Locator): Promise<string[]> {
    const items = await panel.locator('.run').last().locator('.output li').allInnerTexts();
    return items.map((item) => item.replace(/^([\d.]+)\s+s\s+/, '[$1s] '));
}

function nativeLines(...args: string[]): string[] {
    const [chapter = '', ...rest] = args;
    const { output } = native(chapter, [...rest, '--fast', '--plain', '--timeline', 'never']);
    return output.split('\n').filter((line) => line.startsWith('[')).map((line) => line.replace(/^\[\s*/, '['));
}

test('a link with settings opens the page with the knobs turned, and shows that run', async (t) => {
    await open('05-queues.html?queues/bounded=capacity:1,making:20ms', {}, async ({ page, problems }) => {
        const bounded = panel(page, 'bounded');
        t.diagnostic(await ended(bounded));
        assert.equal(await bounded.getByRole('textbox', { name: /^capacity/ }).inputValue(), '1');
        assert.equal(await bounded.getByRole('textbox', { name: /^making/ }).inputValue(), '20ms');
        const options = ['--set', 'capacity=1', '--set', 'making=20ms'];
        assert.deepEqual(await lines(bounded), nativeLines('queues', 'bounded', ...options));
        assert.match(await bounded.locator('.turn .command').innerText(), /--set capacity=1 --set making=20ms/);
        none(problems);
    });
});

test('a knob that is turned by arrow keys runs the program, and the address follows', async (t) => {
    await open('05-queues.html', {}, async ({ page, problems }) => {
        const bounded = panel(page, 'bounded');
        const slider = bounded.getByRole('slider', { name: 'capacity' });
        await slider.focus();
        await slider.press('ArrowRight');
        t.diagnostic(`the first run: ${await ended(bounded)}`);
        assert.equal(await slider.getAttribute('aria-valuetext'), '4');
        assert.deepEqual(await lines(bounded), nativeLines('queues', 'bounded', '--set', 'capacity=4'));
        await page.waitForURL(/\?queues\/bounded=capacity:4/);
        await bounded.getByRole('button', { name: 'Defaults' }).click();
        await page.waitForURL((url) => url.search === '');
        assert.deepEqual(await lines(bounded), nativeLines('queues', 'bounded'));
        none(problems);
    });
});

test('a deadlock is shown as in a terminal', async () => {
    await open('17-pitfalls.html?pitfalls/unbounded=limit:0', {}, async ({ page, problems }) => {
        const unbounded = panel(page, 'unbounded');
        await unbounded.locator('.failure', { hasText: 'DEADLOCK' }).waitFor();
        none(problems);
    });
});

/** A program whose `_start` is `loop { }`: `(loop (br 0))`. */
const ENDLESS = Buffer.from(
    '0061736d01000000' + '010401600000' + '03020100' + '0503010001' +
    '0713' + '02' + '066d656d6f72790200' + '065f73746172740000' + '0a09010700' + '03400c000b0b',
    'hex',
);

test('a program that never ends is stopped, and the page says so', async () => {
    const prepare = (page: Page) => page.route('**/programs/queues.wasm', (route) => route.fulfill({ body: ENDLESS }));
    await open('05-queues.html?queues/bounded=capacity:1', { prepare }, async ({ page, problems }) => {
        const bounded = panel(page, 'bounded');
        assert.match(await ended(bounded), /The page stopped the run after [\d.]+ s: it neither prints nor waits/);
        // The recorded run is still there, and the cursor walks through it.
        await bounded.getByRole('button', { name: 'Next event' }).click();
        assert.equal(await bounded.getByRole('slider', { name: 'Moment of the run' }).inputValue(), '1');
        none(problems);
    });
});
