//! The next page follows from a page's number or from its cursor.

/// What a fetch may return: items, and the position of the next page.
pub trait Page<At> {
    /// One item of the page.
    type Item;
    /// Returns the items and the position of the next page: `None` after the last page.
    fn into_parts(self, at: At) -> (Vec<Self::Item>, Option<At>);
}

/// A numbered page: the next one has the next number.
impl<T> Page<u64> for Vec<T> {
    type Item = T;

    fn into_parts(self, number: u64) -> (Vec<T>, Option<u64>) {
        // A service without cursors can show the end only by an empty page.
        let next = if self.is_empty() { None } else { number.checked_add(1) };
        (self, next)
    }
}

/// A page with the cursor of the next page.
impl<T, C> Page<Option<C>> for (Vec<T>, Option<C>) {
    type Item = T;

    fn into_parts(self, _: Option<C>) -> (Vec<T>, Option<Option<C>>) {
        (self.0, self.1.map(Some))
    }
}
