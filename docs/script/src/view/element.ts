// Elements of the page, in short.

type Attributes = Readonly<Record<string, string | number | boolean>>;

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

const SVG = 'http://www.w3.org/2000/svg';

/** A new element of a picture. */
export function svg(tag: string, attributes: Attributes, ...children: Node[]): SVGElement {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
    made.append(...children);
    return made;
}

/** The class of a hue; the code outside of all lanes has none. */
export function hueClass(hue: number | undefined): string {
    return hue === undefined ? 'no-lane' : `lane${hue}`;
}

/** Scrolls a box, and only this box, until the child is visible in it. */
export function reveal(box: HTMLElement, child: HTMLElement): void {
    const [outer, inner] = [box.getBoundingClientRect(), child.getBoundingClientRect()];
    const margin = inner.height;
    if (inner.top - margin < outer.top) box.scrollTop += inner.top - margin - outer.top;
    if (inner.bottom + margin > outer.bottom) box.scrollTop += inner.bottom + margin - outer.bottom;
}

/** Scrolls a box sideways, and only this box, until the child is well inside. */
export function revealSideways(box: Element, child: Element): void {
    const [outer, inner] = [box.getBoundingClientRect(), child.getBoundingClientRect()];
    const isInside = inner.left > outer.left + outer.width / 8 && inner.right < outer.right - outer.width / 8;
    if (!isInside) box.scrollLeft += inner.left - outer.left - outer.width / 2;
}
