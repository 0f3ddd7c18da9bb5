//! A section that speaks HTTP does not need to know whether its server is a lab or a real site.

use super::{error::LabError, join_url::join_url, server::Lab};
use crate::base_address;

/// The server to which a section sends its requests. [`Lab::or_url`] makes it.
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

impl Lab {
    /// Uses the outside server at `base` if an address is given; otherwise starts a lab. A section
    /// passes the `--url` of its chapter.
    ///
    /// # Errors
    ///
    /// [`LabError::Base`] if `base` is not an HTTP address, or has a user name or a password; otherwise as [`start`](Self::start).
    ///
    /// # Panics
    ///
    /// Panics as [`start`](Self::start).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, as [`start`](Self::start).
    pub async fn or_url(base: Option<String>) -> Result<Base, LabError> {
        match base {
            Some(base) => Base::outside(&base),
            None => Ok(Base::Lab(Self::start().await?)),
        }
    }
}

impl Base {
    fn outside(base: &str) -> Result<Self, LabError> {
        let base = base_address::parse(base).map_err(LabError::Base)?;
        Ok(Self::Outside(base.to_owned()))
    }

    /// Returns the address of a path below this base.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        match self {
            Self::Lab(lab) => lab.url(path),
            Self::Outside(base) => join_url(base, path),
        }
    }

    /// Returns the lab, or `None` for an outside server, which reports no counts.
    #[must_use]
    pub fn lab(&self) -> Option<&Lab> {
        match self {
            Self::Lab(lab) => Some(lab),
            Self::Outside(_) => None,
        }
    }
}
