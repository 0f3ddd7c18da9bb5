// Whether something lies outside of the page or is cut off.

/** Runs in the page: the elements that are cut off, or lie outside of it. What a reader can scroll to is neither. */
export function cutOff(): string[] {
    const slack = 1;
    const found: string[] = [];
    interface Edges {
        readonly left: number;
        readonly right: number;
    }
    const known = new Map<Element, Edges | undefined>();
    const sight = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > sight + slack) {
        found.push(`the page is ${document.documentElement.scrollWidth} px wide`);
    }
    for (const element of document.querySelectorAll<HTMLElement>('#mdbook-menu-bar *, main, main *')) {
        // The parts of a picture lie in it.
        if (element.parentElement?.closest('svg')) continue;
        if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
        const box = element.getBoundingClientRect();
        if (box.width === 0 || box.height === 0) continue;
        const limit = limits(element.parentElement);
        if (!limit) continue;
        // A long word is wider than its box, where that does not hide it.
        const right = Math.max(box.right, box.left + (isVisible(element) ? element.scrollWidth : 0));
        if (right > limit.right + slack || box.left < limit.left - slack) {
            const name = element.id ? `#${element.id}` : `.${[...element.classList].join('.')}`;
            const text = element.textContent.trim().slice(0, 30);
            found.push(`${element.localName}${name} lies from ${box.left} to ${right} of ${limit.right}: ${text}`);
        }
    }
    return found.slice(0, 5);

    function isVisible(element: Element): boolean {
        return getComputedStyle(element).overflowX === 'visible';
    }

    /** Between which edges what lies in a box is seen; none if the box scrolls, or shows nothing on purpose. */
    function limits(around: Element | null): Edges | undefined {
        if (!around) return { left: 0, right: sight };
        if (!known.has(around)) known.set(around, narrowed(around, limits(around.parentElement)));
        return known.get(around);
    }

    function narrowed(around: Element, edges: Edges | undefined): Edges | undefined {
        const { overflowX } = getComputedStyle(around);
        if (!edges || overflowX === 'visible') return edges;
        const { left, right, width } = around.getBoundingClientRect();
        if (width <= 1 || ['auto', 'scroll'].includes(overflowX)) return undefined;
        return { left: Math.max(edges.left, left), right: Math.min(edges.right, right) };
    }
}
