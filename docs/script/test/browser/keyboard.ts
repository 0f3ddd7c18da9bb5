// Everything in a panel is reached and used by keyboard, and has a name.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { none, open } from './book.ts';

const PAGE = '05-queues.html';

/** Numbers the elements of the first panel that a reader can use now, and describes them. */
function controls(): string[] {
    const selector = 'a[href], button, input, select, summary, textarea, [tabindex="0"]';
    const panel = document.querySelector('.panel');
    const all = [...(panel?.querySelectorAll<HTMLElement>(selector) ?? [])].filter((element) => {
        // The arrow keys choose among radio buttons.
        if (element instanceof HTMLInputElement && element.type === 'radio' && !element.checked) return false;
        return element.checkVisibility({ visibilityProperty: true }) && !element.matches(':disabled');
    });
    return all.map((element, index) => {
        element.dataset.control = String(index);
        return `${element.localName}.${element.className} ${element.textContent.trim().slice(0, 40)}`;
    });
}

test('Tab reaches each control of the first panel from the top of the page', async (t) => {
    await open(PAGE, { width: 1440 }, async ({ page }) => {
        const all = await page.evaluate(controls);
        assert.ok(all.length > 10, `${all.length} controls`);
        const missing = new Set(all.keys());
        let presses = 0;
        for (let last = -1; last < all.length - 1 && presses < 500; presses += 1) {
            await page.keyboard.press('Tab');
            const reached = await page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.control);
            if (reached === undefined) continue;
            last = Number(reached);
            missing.delete(last);
        }
        none([...missing].map((index) => `not reached: ${all[index] ?? ''}`));
        t.diagnostic(`${all.length} controls, ${presses} times Tab from the top of the page`);
    });
});

test('the time cursor moves by arrow keys, Home, End and Escape', async () => {
    await open(PAGE, {}, async ({ page }) => {
        const slider = page.getByRole('slider', { name: 'Moment of the run' }).first();
        const last = await slider.getAttribute('max');
        await slider.focus();
        for (const [key, value] of [['ArrowRight', '1'], ['ArrowRight', '2'], ['ArrowLeft', '1'], ['End', last], ['Escape', '0'], ['ArrowUp', '1'], ['Home', '0']]) {
            await slider.press(key ?? '');
            assert.equal(await slider.inputValue(), value, key ?? '');
        }
        // The arrow keys turn pages only outside of controls.
        assert.match(page.url(), new RegExp(`${PAGE}$`));
    });
});

test('every control of a page has a name for screen readers', async (t) => {
    await open(PAGE, {}, async ({ page }) => {
        const all = await accessible(page);
        assert.ok(all.length > 100, `${all.length} controls`);
        none(all.filter(({ name }) => name.trim() === '').map(({ role }, index) => `control ${index}, a ${role}, has no name`));
        t.diagnostic(`${all.length} controls`);
    });
});

const ROLES = new Set(['button', 'checkbox', 'combobox', 'link', 'radio', 'searchbox', 'slider', 'spinbutton', 'switch', 'tab', 'textbox']);

/** The controls as Chromium gives them to a screen reader. */
async function accessible(page: Page): Promise<{ role: string; name: string }[]> {
    const session = await page.context().newCDPSession(page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    return nodes.flatMap(({ ignored, role, name }) => {
        const kind = String(role?.value);
        return !ignored && ROLES.has(kind) ? [{ role: kind, name: String(name?.value ?? '') }] : [];
    });
}
