//! A run that panicked names the line that panicked, and not the check that started the run.

use std::{cell::RefCell, panic, sync::Once};

use crate::patterns::monitor::panic_text;

/// The text of a panic, and the file and the line of it.
struct Panic {
    text: String,
    place: String,
}

thread_local! {
    /// The last panic of this thread.
    static LAST: RefCell<Option<Panic>> = const { RefCell::new(None) };
}

/// From now on, records where a thread panics. The payload of a panic has no place, and only the panic
/// hook gets it; the hook that was there before is still called.
pub(super) fn record() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let next = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let place = panic.location().map(ToString::to_string);
            let text = panic_text(panic.payload()).to_owned();
            LAST.set(place.map(|place| Panic { text, place }));
            next(panic);
        }));
    });
    LAST.set(None);
}

/// Where this thread panicked with this text. `None` if its last panic was another one, or if the
/// program has replaced the hook.
pub(super) fn of(text: &str) -> Option<String> {
    LAST.take().filter(|panic| panic.text == text).map(|panic| panic.place)
}

#[cfg(test)]
mod tests {
    use std::panic::{catch_unwind, resume_unwind};

    use super::*;

    #[test]
    fn the_last_panic_has_a_place_and_another_text_has_none() {
        record();
        let _ = catch_unwind(|| panic!("on purpose"));
        let here = concat!(file!(), ":");
        assert!(of("on purpose").is_some_and(|place| place.starts_with(here)));
        assert_eq!(of("on purpose"), None, "it is read once");
        let _ = catch_unwind(|| panic!("on purpose"));
        let _ = catch_unwind(|| resume_unwind(Box::new("without a hook")));
        assert_eq!(of("without a hook"), None);
        let _ = catch_unwind(|| panic!("before the run"));
        record();
        assert_eq!(of("before the run"), None);
    }
}
