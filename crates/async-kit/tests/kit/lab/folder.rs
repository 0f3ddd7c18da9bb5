//! Every file of the folder is served unchanged, and no file outside it is served.

use std::{fs, path::Path};

use async_kit::lab::{Lab, LabError};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::support::{Fixture, client, connect, in_time, send};

/// Makes the folder `site/`, with a file `secret` beside it.
fn folders() -> TempDir {
    let outside = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &[u8]| {
        let path = outside.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    write("secret", b"business of no one");
    write("site/index.html", b"<title>Start</title>");
    write("site/a b/index.html", b"<title>A and B</title>");
    write("site/a b/style.css", b"p {}");
    write("site/large.bin", &(0..200_000).map(|i| i as u8).collect::<Vec<_>>());
    write("site/empty.txt", b"");
    outside
}

async fn fixture(outside: &TempDir) -> Fixture {
    let lab = Lab::serve_dir(outside.path().join("site")).await.expect("a free port");
    Fixture { lab, client: client() }
}

#[tokio::test]
async fn a_file_is_served_whole_with_its_type_and_its_length() {
    let outside = folders();
    let fixture = fixture(&outside).await;
    for (path, kind, file) in [
        ("/", "text/html; charset=utf-8", "index.html"),
        ("/index.html", "text/html; charset=utf-8", "index.html"),
        ("/a%20b/", "text/html; charset=utf-8", "a b/index.html"),
        ("/a%20b/style.css", "text/css; charset=utf-8", "a b/style.css"),
        ("/large.bin", "application/octet-stream", "large.bin"),
        ("/empty.txt?v=2", "text/plain; charset=utf-8", "empty.txt"),
    ] {
        let response = send(fixture.get(path)).await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["content-type"], kind, "{path}");
        let expected = fs::read(outside.path().join("site").join(file)).expect("a file");
        assert_eq!(response.content_length(), Some(expected.len() as u64), "{path}");
        let body = in_time(response.bytes()).await.expect("a whole body");
        assert!(body == expected, "{path} differs from {file}");
    }
    assert_eq!(fixture.lab.requests_to("/a%20b/style.css"), 1);
}

#[tokio::test]
async fn a_folder_without_a_slash_redirects_to_the_address_with_it() {
    let outside = folders();
    let fixture = fixture(&outside).await;
    for (path, to) in [("/a%20b", "/a%20b/"), ("/a%20b?x=1", "/a%20b/?x=1")] {
        let response = send(fixture.get(path)).await;
        assert_eq!(response.status(), 308, "{path}");
        assert_eq!(response.headers()["location"], to);
    }
    for missing in ["/nothing", "/index.html/", "/large.bin/x", "/a%00b"] {
        assert_eq!(fixture.status_of(missing).await, 404, "{missing}");
    }
}

/// An HTTP client would remove the `..` before it sends the request, so this writes the bytes.
async fn raw(lab: &Lab, target: &str) -> String {
    let mut stream = connect(lab).await;
    let request =
        format!("GET {target} HTTP/1.1\r\nhost: lab\r\nconnection: close\r\n\r\n");
    in_time(stream.write_all(request.as_bytes())).await.expect("a connection");
    let mut response = String::new();
    in_time(stream.read_to_string(&mut response)).await.expect("a response in UTF-8");
    response
}

#[tokio::test]
async fn no_spelling_of_a_path_leads_out_of_the_folder() {
    let outside = folders();
    let secret = outside.path().join("secret");
    let fixture = fixture(&outside).await;
    let absolute = secret.display();
    for target in [
        "/../secret",
        "/%2e%2e/secret",
        "/%2E./secret",
        "/..%2fsecret",
        "/%2e%2e%2fsecret",
        "/a%20b/../../secret",
        "/a%20b/%2e%2e/%2e%2e/secret",
        "/%252e%252e/secret",
        "/./../secret",
        "/..\\secret",
        &format!("/{absolute}"),
        &format!("/%2f{absolute}"),
    ] {
        let response = raw(&fixture.lab, target).await;
        assert!(response.starts_with("HTTP/1.1 404"), "{target}: {response}");
        assert!(!response.contains("business"), "{target}: {response}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_symlink_is_followed_inside_the_folder_and_not_out_of_it() {
    let outside = folders();
    let link = |name: &str, to: &Path| {
        let name = outside.path().join("site").join(name);
        std::os::unix::fs::symlink(to, name).expect("a symlink");
    };
    link("inner.css", Path::new("a b/style.css"));
    link("outer", Path::new("../secret"));
    link("above", Path::new(".."));
    link("a b/absolute", &outside.path().join("secret"));
    link("gone", Path::new("nowhere"));
    let fixture = fixture(&outside).await;
    assert_eq!(fixture.text_of("/inner.css").await, "p {}");
    for path in
        ["/outer", "/above/secret", "/a%20b/absolute", "/gone", "/above/", "/above"]
    {
        assert_eq!(fixture.status_of(path).await, 404, "{path}");
    }
}

#[tokio::test]
async fn a_path_that_is_not_a_folder_is_an_error_with_its_name() {
    let outside = folders();
    for name in ["site/index.html", "nothing"] {
        let refused = Lab::serve_dir(outside.path().join(name)).await.expect_err(name);
        assert!(matches!(refused, LabError::Folder(..)), "{refused:?}");
        assert!(refused.to_string().ends_with(name), "{refused}");
    }
}
