//! An error of one kind may be an answer, and no failure.

use std::io;

/// Returns `None` in place of an error of this kind.
pub(super) fn unless<T>(
    kind: io::ErrorKind,
    result: io::Result<T>,
) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == kind => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_error_of_the_given_kind_is_left_out() {
        use io::ErrorKind::{NotFound, Unsupported};

        let failed = || Err::<(), _>(io::Error::from(Unsupported));
        assert!(unless(Unsupported, failed()).expect("it is left out").is_none());
        let error = unless(NotFound, failed()).expect_err("another kind");
        assert_eq!(error.kind(), Unsupported);
    }
}
