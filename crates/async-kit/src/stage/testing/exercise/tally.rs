//! A tally counts the values that are alive, now and at most.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

/// Counts the values that are alive. Cloning it gives a second handle to the same counts.
///
/// Python has no counterpart: `tracemalloc` counts bytes, not values.
///
/// # Examples
///
/// ```
/// use async_kit::exercise::Tally;
///
/// let items = Tally::default();
/// let (one, two) = (items.track(), items.track());
/// drop(one);
/// assert_eq!((items.alive(), items.peak()), (1, 2));
/// drop(two);
/// assert_eq!(items.alive(), 0);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Tally(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    alive: AtomicUsize,
    peak: AtomicUsize,
}

/// A value of a [`Tally`]: it counts until it is dropped.
///
/// # Examples
///
/// It is a field of the value whose life is counted:
///
/// ```
/// use async_kit::exercise::{Counted, Tally};
///
/// struct Mail {
///     text: String,
///     _alive: Counted,
/// }
///
/// let mails = Tally::default();
/// let mail = Mail { text: "hello".to_owned(), _alive: mails.track() };
/// assert_eq!((mail.text.len(), mails.alive()), (5, 1));
/// ```
#[derive(Debug)]
#[must_use = "it counts only until it is dropped"]
pub struct Counted(Tally);

impl Tally {
    /// Counts one more value, until what it returns is dropped: keep that inside the value.
    pub fn track(&self) -> Counted {
        let alive = self.0.alive.fetch_add(1, SeqCst) + 1;
        self.0.peak.fetch_max(alive, SeqCst);
        Counted(self.clone())
    }

    /// The number of values that are alive now.
    pub fn alive(&self) -> usize {
        self.0.alive.load(SeqCst)
    }

    /// The maximum number of values that were alive at the same time.
    pub fn peak(&self) -> usize {
        self.0.peak.load(SeqCst)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0.alive.fetch_sub(1, SeqCst);
    }
}
