//! No request path leads to a file outside the folder.
//!
//! The path of a URL is only text. It is decoded once; then every `..` and every symlink is
//! resolved, and the result must lie in the folder. A file is sent in chunks, each read when the
//! client has taken the one before, so memory use does not grow with the size of the file.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path as PathOf, State},
    http::{
        StatusCode, Uri,
        header::{CONTENT_LENGTH, CONTENT_TYPE},
    },
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use futures::stream::try_unfold;
use tokio::task::spawn_blocking;

use super::{refusal::Refusal, route::Route};

/// 64 KiB: arbitrary, most pages fit into one chunk.
const CHUNK: u64 = 64 * 1024;

type Root = Arc<Path>;

/// The router of a folder, and the list of its routes.
pub(super) fn router(root: PathBuf) -> (Router, Vec<Route>) {
    let about = "a file of the folder, or the index.html of a folder in it";
    let routes = vec![Route { usage: "GET /{*path}", about }];
    let root = Root::from(root);
    let index = {
        let root = root.clone();
        async move |uri| respond(root, String::new(), uri).await
    };
    let file = async |State(root), PathOf(path), uri| respond(root, path, uri).await;
    let router = Router::new().route("/", get(index)).route("/{*path}", get(file));
    (router.with_state(root), routes)
}

async fn respond(root: Root, path: String, uri: Uri) -> Response {
    let is_folder = uri.path().ends_with('/');
    let found = spawn_blocking(move || find(&root, &path, is_folder)).await;
    match found.unwrap_or_else(|panicked| Err(io::Error::other(panicked))) {
        Ok(Found::File { file, length, kind }) => {
            let head =
                [(CONTENT_LENGTH, length.to_string()), (CONTENT_TYPE, kind.into())];
            (head, body(file, length)).into_response()
        }
        Ok(Found::Folder) => add_slash(&uri),
        Err(error) => refuse(&uri, &error).into_response(),
    }
}

enum Found {
    File {
        file: File,
        length: u64,
        kind: &'static str,
    },
    /// A folder requested without a slash at the end. Its address needs one, because links in
    /// its `index.html` are relative to that address.
    Folder,
}

fn find(root: &Path, path: &str, is_folder: bool) -> io::Result<Found> {
    let mut path = inside(root, Path::new(path))?;
    if path.is_dir() {
        if !is_folder {
            return Ok(Found::Folder);
        }
        path = inside(root, &path.join("index.html"))?;
    } else if is_folder {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    if !path.is_file() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let file = File::open(&path)?;
    Ok(Found::File { length: file.metadata()?.len(), file, kind: kind(&path) })
}

/// The check comes after `canonicalize`: then no `..` and no symlink is left in the path.
fn inside(root: &Path, path: &Path) -> io::Result<PathBuf> {
    let path = root.join(path).canonicalize()?;
    if path.starts_with(root) { Ok(path) } else { Err(io::ErrorKind::NotFound.into()) }
}

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html" | "htm") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        Some("json") => "application/json",
        Some("xml") => "application/xml",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("wasm") => "application/wasm",
        Some("pdf") => "application/pdf",
        _ => "application/octet-stream",
    }
}

/// The first `length` bytes of the file; each chunk is read when the one before it is sent.
fn body(file: File, length: u64) -> Body {
    Body::from_stream(try_unfold((file, length), |(mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let read = spawn_blocking(move || {
            let mut chunk = Vec::with_capacity(left.min(CHUNK) as usize);
            file.by_ref().take(left.min(CHUNK)).read_to_end(&mut chunk)?;
            // A file that was shortened ends here, and the client gets an incomplete body.
            let missing = || io::Error::from(io::ErrorKind::UnexpectedEof);
            let n =
                (!chunk.is_empty()).then_some(chunk.len() as u64).ok_or_else(missing)?;
            io::Result::Ok(Some((Bytes::from(chunk), (file, left - n))))
        });
        read.await.map_err(io::Error::other)?
    }))
}

fn add_slash(uri: &Uri) -> Response {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    // Two slashes at the start of a location mean another host.
    let path = uri.path().trim_start_matches('/');
    Redirect::permanent(&format!("/{path}/{query}")).into_response()
}

fn refuse(uri: &Uri, error: &io::Error) -> Refusal {
    use io::ErrorKind::{InvalidInput, NotADirectory, NotFound};
    match error.kind() {
        // A name with a zero byte is `InvalidInput`.
        NotFound | NotADirectory | InvalidInput => {
            let why = format!("the folder has no file {}", uri.path());
            Refusal(StatusCode::NOT_FOUND, why)
        }
        _ => Refusal(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

/// The path of the folder with every symlink resolved.
pub(super) fn root(path: &Path) -> io::Result<PathBuf> {
    let root = fs::canonicalize(path)?;
    if root.is_dir() { Ok(root) } else { Err(io::ErrorKind::NotADirectory.into()) }
}
