// Elements of the page, in short.

type Attributes = { readonly [name: string]: string | number | boolean };

/** A new element. An attribute that is `true` has no value, and one that is `false` is left out. */
export function element<K extends keyof HTMLElementTagNameMap>(
    tag: K,
    attributes: Attributes = {},
    ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value !== false) made.setAttribute(name, value === true ? '' : String(value));
    }
    made.append(...children);
    return made;
}

/** Scrolls a box, and only this box, until the child is visible in it. */
export function reveal(box: HTMLElement, child: HTMLElement): void {
    const [outer, inner] = [box.getBoundingClientRect(), child.getBoundingClientRect()];
    const margin = inner.height;
    if (inner.top - margin < outer.top) box.scrollTop += inner.top - margin - outer.top;
    if (inner.bottom + margin > outer.bottom) box.scrollTop += inner.bottom + margin - outer.bottom;
}
