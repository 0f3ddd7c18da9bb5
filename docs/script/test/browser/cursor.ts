// The time cursor marks the lines, in both programs, that a person found in them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import sections from '../cursor.json';
import { none, open, pages } from './book.ts';

for (const { chapter, section, moments } of sections) {
    test(`the cursor marks the right lines of ${chapter} ${section}`, async (t) => {
        const name = pages().find((page) => page.replace(/^\d+-/, '') === `${chapter}.html`);
        assert.ok(name, `no page of ${chapter}`);
        await open(name, {}, async ({ page, problems }) => {
            const panel = page.locator(`.panel[data-section=${section}]`);
            const slider = panel.getByRole('slider', { name: 'Moment of the run' });
            const took: number[] = [];
            for (const { position, at, text, rust, python } of moments) {
                took.push(await move(slider, position));
                const where = `position ${position}`;
                assert.equal(await slider.getAttribute('aria-valuetext'), `${at} ${text}`, where);
                assert.deepEqual(await marked(panel, 'rs'), lineNumbers(rust), `${where}: Tokio`);
                assert.deepEqual(await marked(panel, 'py'), lineNumbers(python), `${where}: asyncio`);
            }
            t.diagnostic(`a move takes ${Math.max(...took).toFixed(0)} ms at most`);
            none(problems);
        });
    });
}

/** Moves the slider, and returns how long the page needs to redraw, in milliseconds. */
function move(slider: Locator, position: number): Promise<number> {
    return slider.evaluate((input: HTMLInputElement, value) => {
        const started = performance.now();
        input.value = String(value);
        input.dispatchEvent(new Event('input', { bubbles: true }));
        return performance.now() - started;
    }, position);
}

/** The numbers in `line 7`, `after line 7`, `made at line 7`. */
function lineNumbers(spots: readonly (readonly string[])[]): number[] {
    const lines = spots.map(([, spot = '']) => Number(/\d+$/.exec(spot)?.[0]));
    return [...new Set(lines)].sort((a, b) => a - b);
}

/** The lines of the programs of a language that are marked as those where a lane is. */
function marked(panel: Locator, ending: string): Promise<number[]> {
    return panel.evaluate((element, ending) => {
        const lines = [...element.querySelectorAll<HTMLElement>(`[data-file$=".${ending}"]`)].flatMap((listing) => {
            const numbers = (listing.dataset.lines ?? '').split(' ').flatMap((part) => {
                const [from = 0, to = from] = part.split('-').map(Number);
                return Array.from({ length: to - from + 1 }, (_, index) => from + index);
            });
            const marks = [...listing.querySelectorAll<HTMLElement>('.marks .mark')].filter((mark) => {
                // A lane that is in no part that is open is also marked where it was made, with the other line.
                const chips = [...mark.querySelectorAll('.chip')].map((chip) => chip.textContent);
                return !chips.every((text) => /: .*line \d+$/.test(text));
            });
            return marks.map((mark) => numbers[Number(mark.style.getPropertyValue('--row'))] ?? -1);
        });
        return [...new Set(lines)].sort((a, b) => a - b);
    }, ending);
}
