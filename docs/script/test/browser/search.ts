// Search finds what a reader looks for.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { none, open } from './book.ts';

for (const word of ['semaphore', 'ctrl_c', 'E0373', 'exercise']) {
    test(`search finds "${word}"`, async () => {
        await open('index.html', {}, async ({ page, problems }) => {
            await page.click('#mdbook-search-toggle');
            await page.locator('#mdbook-searchbar').pressSequentially(word);
            // `3 search results for 'semaphore':` or `No search results for 'semaphore'.`
            const count = page.locator('#mdbook-searchresults-header', { hasText: `results for '${word}'` })
                .or(page.locator('#mdbook-searchresults-header', { hasText: `result for '${word}'` }));
            assert.doesNotMatch(await count.innerText(), /^No/);
            await page.locator('#mdbook-searchresults a').first().click();
            await page.waitForLoadState('load');
            const text = await page.locator('main').innerText();
            assert.ok(text.toLowerCase().includes(word.toLowerCase()), `${page.url()} does not have it`);
            none(problems);
        });
    });
}
