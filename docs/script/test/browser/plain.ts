// Without JavaScript a page has all that the book says.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Table } from '../../src/table.ts';
import { eachPage, none, open } from './book.ts';

/** In the page: what a panel or a question should show, and does not. */
function missing(): string[] {
    const isSeen = (element: Element | null | undefined) =>
        element?.checkVisibility({ visibilityProperty: true, opacityProperty: true }) === true && element.getBoundingClientRect().height > 0;
    const problems: string[] = [];
    for (const panel of document.querySelectorAll<HTMLElement>('.panel')) {
        const name = panel.dataset.section ?? '';
        const programs = [...panel.querySelectorAll('.program')];
        const expected = panel.dataset.pure === undefined ? 1 : 2;
        if (programs.length < expected) problems.push(`${name} has ${programs.length} programs`);
        for (const program of programs) {
            if (!isSeen(program.querySelector('pre code'))) problems.push(`${name} does not show a program`);
        }
        const record = panel.querySelector('.record[data-language=rust]')?.textContent;
        if (record === undefined) continue;
        const [run] = (JSON.parse(record) as { runs: { events: Table; lanes: Table }[] }).runs;
        const { keys, rows } = run?.events ?? { keys: [], rows: [] };
        const said = rows.filter(([position, ...values]) => values[keys[position]?.indexOf('what') ?? -1] === 'said').length;
        const shown = [...panel.querySelectorAll('.run')].at(-1);
        const lines = [...(shown?.querySelectorAll('.output li') ?? [])].filter(isSeen).length;
        if (lines !== said) problems.push(`${name} shows ${lines} lines of ${said}`);
        if (run?.lanes.rows.length && !isSeen(shown?.querySelector('.timeline svg'))) problems.push(`${name} shows no picture`);
    }
    for (const question of document.querySelectorAll('.prediction')) {
        const answer = question.querySelector('details');
        if (!isSeen(answer?.querySelector('summary'))) problems.push(`${question.id} has no answer to open`);
        else if (answer?.querySelector('.right')?.textContent.trim() === '') problems.push(`${question.id} has an empty answer`);
    }
    return problems;
}

test('a page without JavaScript has each output, picture, program and answer', async (t) => {
    const problems: string[] = [];
    let panels = 0;
    await eachPage((name) => open(name, { javaScriptEnabled: false }, async ({ page }) => {
        problems.push(...(await page.evaluate(missing)).map((problem) => `${name}: ${problem}`));
        panels += await page.locator('.panel').count();
    }));
    assert.ok(panels > 100, `${panels} panels`);
    none(problems);
    t.diagnostic(`${panels} panels`);
});

test('in a narrow window without JavaScript, both programs, the whole file and an answer open', async () => {
    await open('05-queues.html', { javaScriptEnabled: false, width: 360 }, async ({ page }) => {
        const panel = page.locator('.panel').first();
        const [asyncio, tokio] = [panel.locator('.program').first(), panel.locator('.program').last()];
        assert.ok(await asyncio.isVisible() && !(await tokio.isVisible()), 'asyncio is in front');
        await panel.getByText('Tokio', { exact: true }).first().click();
        assert.ok(await tokio.isVisible() && !(await asyncio.isVisible()), 'Tokio is in front');
        await tokio.getByText('Whole program').click();
        assert.ok(await tokio.locator('code.language-toml').isVisible(), 'the whole program is open');
        const question = page.locator('.prediction').first();
        await question.locator('summary').click();
        assert.ok(await question.locator('details .right').isVisible(), 'the answer is open');
    });
});
