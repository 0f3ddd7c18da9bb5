// The built book on a server of this machine, as a project's pages site has it: not at the root.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { ROOT } from '../native.ts';

export const BOOK = join(ROOT, 'docs/book');

const ROOT_OF_SITE = '/asynchronous-rust/';

const TYPES: Record<string, string> = {
    '.css': 'text/css',
    '.html': 'text/html; charset=utf-8',
    '.js': 'text/javascript',
    '.png': 'image/png',
    '.svg': 'image/svg+xml',
    '.wasm': 'application/wasm',
    '.woff2': 'font/woff2',
};

export interface Site {
    /** The address of the book, with a slash at its end. */
    readonly address: string;
    close(): void;
}

export async function serve(): Promise<Site> {
    const server = createServer((request, response) => {
        void file(request.url ?? '').then((path) => {
            if (path === undefined) {
                response.writeHead(404).end();
                return;
            }
            const type = TYPES[extname(path)] ?? 'application/octet-stream';
            response.writeHead(200, { 'content-type': type, 'cache-control': 'max-age=3600' });
            createReadStream(path).pipe(response);
        });
    });
    await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    return {
        address: `http://127.0.0.1:${port}${ROOT_OF_SITE}`,
        close() {
            server.closeAllConnections();
            server.close();
        },
    };
}

/** The file that an address names; none if the book has none. */
async function file(url: string): Promise<string | undefined> {
    const { pathname } = new URL(url, 'http://localhost');
    if (!pathname.startsWith(ROOT_OF_SITE)) return undefined;
    const name = normalize(decodeURIComponent(pathname.slice(ROOT_OF_SITE.length)) || 'index.html');
    const path = join(BOOK, name);
    if (!path.startsWith(BOOK)) return undefined;
    const isFile = await stat(path).then((it) => it.isFile(), () => false);
    return isFile ? path : undefined;
}
