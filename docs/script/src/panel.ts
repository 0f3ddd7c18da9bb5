// Code and tables that are too wide scroll: let the arrow keys do it in every browser.
for (const wide of document.querySelectorAll<HTMLElement>('pre > code, .table-wrapper')) {
    wide.tabIndex = 0;
}
