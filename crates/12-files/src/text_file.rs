//! For `sizes` and `upper`: an error of a text file names the file, and the byte that is not text.

#![cfg(not(target_family = "wasm"))]

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::utf8::{NotUtf8, decode};

// ANCHOR: read
pub(crate) async fn read_text(path: &Path) -> Result<String, ReadError> {
    // `fs::read_to_string` checks UTF-8 too, but its error has neither the path nor the byte.
    let bytes = tokio::fs::read(path)
        .await
        .map_err(|source| ReadError::Read { path: path.to_owned(), source })?;
    decode_text(bytes, path)
}

pub(crate) fn decode_text(bytes: Vec<u8>, path: &Path) -> Result<String, ReadError> {
    decode(bytes).map_err(|source| ReadError::NotText { path: path.to_owned(), source })
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} is not text", path.display())]
    NotText { path: PathBuf, source: NotUtf8 },
}
// ANCHOR_END: read
