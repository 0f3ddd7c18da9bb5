// Makes the search index of the built book smaller: node search.js
// mdBook indexes all that is on a page, and has no option for parts of one. Whole programs would be nine
// tenths of the index, and would bury the pages' text among the results.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { smaller } from './search_index.js';

const book = join(import.meta.dirname, '../book');

/** @param {RegExp} pattern */
function only(pattern) {
    const found = readdirSync(book).filter((name) => pattern.test(name));
    if (found.length !== 1) throw new Error(`docs/book has ${found.length} files ${pattern}: build it again`);
    return join(book, found[0] ?? '');
}

const path = only(/^searchindex-.*\.js$/);
const before = readFileSync(path, 'utf8');
/** @type {{ window: { search?: any }, elasticlunr?: any }} */
const page = { window: { search: {} } };
runInNewContext(`${before}\n${readFileSync(only(/^elasticlunr-.*\.js$/), 'utf8')}`, page);
const made = smaller(page.window.search, (name) => readFileSync(join(book, name), 'utf8'), page.elasticlunr);
const json = JSON.stringify(made).replaceAll('\\', '\\\\').replaceAll("'", "\\'");
const after = `window.search = Object.assign(window.search, JSON.parse('${json}'));`;
writeFileSync(path, after);
console.log(`search index: ${before.length} characters, ${after.length} without the whole programs`);
