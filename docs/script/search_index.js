// An index for mdBook's search that leaves out parts of the pages.
import { HTMLElement, parse } from 'node-html-parser';

/**
 * What mdBook's own script reads.
 * @typedef {{ id: string, title: string, body: string, breadcrumbs: string }} Doc
 * @typedef {{ documentStore: { docs: Record<string, Doc> }, fields: string[] }} Index
 * @typedef {{ doc_urls: string[], index: Index }} Search
 */

/** Whole programs, of which a page also shows the part in focus, and what they print. */
const HIDDEN = 'script, style, .program details, .run';

/**
 * A part of a page from one heading to the next: its text, and its words, by which it is found. Of code
 * these are names, so that `ctrl_c` is found where the page has `signal::ctrl_c().await`.
 * @typedef {{ text: string, words: string }} Section
 */

/** @param {string} code */
function names(code) {
    const paths = code.match(/[A-Za-z_]\w*(?:(?:::|\.)\w+)*!?/g) ?? [];
    return [...new Set(paths.flatMap((path) => [path, ...path.split(/::|\./)]))].join(' ');
}

/** @param {string[]} parts */
function joined(parts) {
    return parts.join('').trim().replaceAll(/\s\s+/g, ' ');
}

/**
 * The sections of a page, by the ids of their headings. What stands above the first belongs to it.
 * @param {string} html
 * @param {readonly string[]} ids
 * @returns {Section[]}
 */
export function sections(html, ids) {
    const main = parse(html, { blockTextElements: {} }).querySelector('main');
    if (!main) throw new Error('a page has no main part');
    for (const hidden of main.querySelectorAll(HIDDEN)) hidden.remove();
    /** @type {Section[]} */
    const made = [];
    /** @type {string[]} */
    let text = [];
    /** @type {string[]} */
    let words = [];
    const end = () => {
        made.push({ text: joined(text), words: joined(words) });
        text = [];
        words = [];
    };
    let headings = 0;
    /** @param {HTMLElement} element */
    const walk = (element) => {
        for (const child of element.childNodes) {
            if (!(child instanceof HTMLElement)) {
                text.push(child.text);
                words.push(element.tagName === 'CODE' ? names(child.text) : child.text);
            } else if (ids.includes(child.id) && /^H[1-6]$/.test(child.tagName)) {
                // A heading is the title of its section, and not a part of its text.
                if (headings > 0) end();
                headings += 1;
            } else {
                text.push(' ');
                words.push(' ');
                walk(child);
            }
        }
    };
    walk(main);
    end();
    return made;
}

/**
 * The search with an index of what the pages show first.
 * @param {Search} search
 * @param {(page: string) => string} read
 * @param {any} elasticlunr
 */
export function smaller({ doc_urls, index, ...options }, read, elasticlunr) {
    /** @type {Map<string, { ref: string, id: string }[]>} */
    const pages = new Map();
    doc_urls.forEach((url, ref) => {
        const [page = '', id = ''] = url.split('#');
        pages.set(page, [...(pages.get(page) ?? []), { ref: String(ref), id }]);
    });
    const made = elasticlunr();
    made.setRef('id');
    for (const field of index.fields) made.addField(field);
    for (const [page, docs] of pages) {
        const found = sections(read(page), docs.map(({ id }) => id));
        if (found.length !== docs.length) throw new Error(`${page} has ${found.length} sections of ${docs.length}`);
        docs.forEach(({ ref }, number) => {
            const doc = index.documentStore.docs[ref];
            made.addDoc({ ...doc, body: found[number]?.words });
            // The results show the text itself.
            made.documentStore.docs[ref] = { ...doc, body: found[number]?.text };
        });
    }
    return { ...options, doc_urls, index: made };
}
