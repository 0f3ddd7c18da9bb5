//! A section that speaks HTTP need not know whether it talks to a lab or to the real thing.

use super::{Lab, LabError};

/// Where a section sends its requests: made by [`Lab::or_url`].
///
/// # Examples
///
/// ```
/// use async_kit::lab::Lab;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), async_kit::lab::LabError> {
/// let base = Lab::or_url(Some("http://example.org/api/".into())).await?;
/// assert_eq!(base.url("/json"), "http://example.org/api/json");
/// assert!(base.lab().is_none());
/// # Ok(())
/// # }
/// ```
#[must_use = "dropping it stops the lab, if it is one"]
#[derive(Debug)]
pub enum Base {
    /// A lab, started for this section and stopped with it.
    Lab(Lab),
    /// The address that `--url` gave, without a slash at its end.
    Outside(String),
}

impl Base {
    pub(super) fn outside(base: &str) -> Result<Self, LabError> {
        if !base.starts_with("http://") && !base.starts_with("https://") {
            return Err(LabError::Base(base.to_owned()));
        }
        Ok(Self::Outside(base.trim_end_matches('/').to_owned()))
    }

    /// The address of a path below this base.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        match self {
            Self::Lab(lab) => lab.url(path),
            Self::Outside(base) => join(base, path),
        }
    }

    /// The lab, if it is one: only a lab can say what it saw.
    #[must_use]
    pub fn lab(&self) -> Option<&Lab> {
        match self {
            Self::Lab(lab) => Some(lab),
            Self::Outside(_) => None,
        }
    }
}

pub(super) fn join(base: &str, path: &str) -> String {
    format!("{base}/{}", path.trim_start_matches('/'))
}
