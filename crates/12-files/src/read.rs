//! Whoever reads a text learns which file failed, and at which byte it is no text.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::text::{NotUtf8, decode};

// ANCHOR: read
pub(crate) async fn read_text(path: &Path) -> Result<String, ReadError> {
    // `fs::read_to_string` checks UTF-8 too, but its error knows neither the path nor the byte.
    let bytes = tokio::fs::read(path)
        .await
        .map_err(|source| ReadError::Read { path: path.to_owned(), source })?;
    text_of(bytes, path)
}

pub(crate) fn text_of(bytes: Vec<u8>, path: &Path) -> Result<String, ReadError> {
    decode(bytes).map_err(|source| ReadError::NotText { path: path.to_owned(), source })
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} is no text", path.display())]
    NotText { path: PathBuf, source: NotUtf8 },
}
// ANCHOR_END: read
