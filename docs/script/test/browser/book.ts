// The book in a browser: one server and one Chromium for all checks.

import assert from 'node:assert/strict';
import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, before } from 'node:test';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { BOOK, serve, type Site } from './server.ts';

/**
 * The pages that a reader sees, by the names of their files. `print.html` has all of them, `toc.html` is a
 * frame of pages without scripts, and `404.html` knows only the address of the published book.
 */
export function pages(): string[] {
    const all = readdirSync(BOOK).filter((name) => name.endsWith('.html'));
    const names = all.filter((name) => !['404.html', 'print.html', 'toc.html'].includes(name));
    assert.ok(names.includes('05-queues.html'), `${BOOK} has no pages: \`just book\` builds them`);
    return names;
}

/** The first Chromium of this machine. */
function executable(): string {
    const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
    const folders = (process.env.PATH ?? '').split(delimiter);
    const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => {
        try {
            accessSync(path, constants.X_OK);
            return true;
        } catch {
            return false;
        }
    });
    assert.ok(found, `no ${names.join(', ')} in PATH: \`apt-get install chromium\` installs one`);
    return found;
}

let site: Site | undefined;
let browser: Browser | undefined;

before(async () => {
    site = await serve();
    // Without a sandbox, because CI runs as root. Nothing but the book is ever loaded.
    const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
    args.push('--disable-background-networking', '--disable-component-update', '--disable-sync');
    browser = await chromium.launch({ executablePath: executable(), args });
});

after(async () => {
    await browser?.close();
    site?.close();
});

export interface Opened {
    readonly page: Page;
    /** What went wrong since the page was opened: errors, failed requests, messages of the console. */
    readonly problems: string[];
}

export interface Options extends BrowserContextOptions {
    readonly width?: number;
    /** Called before the page loads. */
    readonly prepare?: (page: Page) => Promise<unknown>;
}

/** Opens a page of the book like a new reader, and closes it after `use`. `name` may have `?` and `#`. */
export async function open<T>(name: string, options: Options, use: (opened: Opened) => Promise<T>): Promise<T> {
    assert.ok(site && browser, 'the browser runs');
    const { width = 1440, prepare, ...rest } = options;
    const context = await browser.newContext({ viewport: { width, height: 900 }, reducedMotion: 'reduce', ...rest });
    context.setDefaultTimeout(60_000);
    try {
        const page = await context.newPage();
        const problems = watched(page, site.address);
        await prepare?.(page);
        await page.goto(site.address + name, { waitUntil: 'load' });
        return await use({ page, problems });
    } finally {
        await context.close();
    }
}

function watched(page: Page, address: string): string[] {
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
    page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) problems.push(`console: ${message.text()}`);
    });
    page.on('requestfailed', (request) => {
        problems.push(`request: ${request.url()}: ${request.failure()?.errorText ?? 'failed'}`);
    });
    page.on('response', (response) => {
        if (response.status() >= 400) problems.push(`request: ${response.url()}: ${response.status()}`);
    });
    page.on('request', (request) => {
        if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(address)) {
            problems.push(`request: ${request.url()} is not of the book`);
        }
    });
    return problems;
}

/** Fails with a list of all that is wrong, one thing a line. */
export function none(problems: readonly string[]): void {
    assert.equal(problems.length, 0, `\n${problems.join('\n')}`);
}

/** Calls `visit` with each page, two at a time. */
export async function eachPage(visit: (name: string) => Promise<void>): Promise<void> {
    const waiting = pages();
    const work = async () => {
        for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await visit(name);
    };
    await Promise.all([work(), work()]);
}
