//! A page says itself where the next one is, by its number or by a cursor.

/// What a fetch may answer: items, and where to go on.
pub trait Page<At> {
    /// What is on the page.
    type Item;
    /// The items, and where the next page is; `None` after the last.
    fn turn(self, at: At) -> (Vec<Self::Item>, Option<At>);
}

/// A numbered page: the next one has the next number.
impl<T> Page<u64> for Vec<T> {
    type Item = T;

    fn turn(self, number: u64) -> (Vec<T>, Option<u64>) {
        // An empty page is the only end that a service without cursors can tell.
        let next = if self.is_empty() { None } else { number.checked_add(1) };
        (self, next)
    }
}

/// A page that comes with the cursor of the next.
impl<T, C> Page<Option<C>> for (Vec<T>, Option<C>) {
    type Item = T;

    fn turn(self, _: Option<C>) -> (Vec<T>, Option<Option<C>>) {
        (self.0, self.1.map(Some))
    }
}
