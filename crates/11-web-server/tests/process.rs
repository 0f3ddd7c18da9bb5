//! The real process shuts down gracefully on SIGTERM and on Ctrl-C.

#![cfg(unix)]

use std::{ffi::OsString, fs, path::Path, process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    net::TcpStream,
    process::{Child, ChildStdout, Command},
    time::{sleep, timeout},
};

/// Longer than any machine needs.
const TIMEOUT: Duration = Duration::from_secs(30);

const ANN: &str = r#"{"name":"Ann","email":"ann@example.com"}"#;

fn command(address: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_web-server"));
    command.args(["--serve", address]);
    command
}

/// The server in its own process. If the test ends early, the process is killed.
struct Server {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
    address: String,
}

impl Server {
    async fn start(address: &str) -> Self {
        Self::spawn(command(address)).await
    }

    async fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the server starts");
        let output = child.stdout.take().expect("it is piped");
        let mut output = BufReader::new(output).lines();
        let line = output.next_line().await.expect("text").expect("its address");
        let address = line.strip_prefix("http://").expect("an address").to_owned();
        Self { child, output, address }
    }

    fn send(&self, signal: Signal) {
        let pid = self.child.id().expect("it runs");
        let pid = Pid::from_raw(pid as i32).expect("no process has the id 0");
        kill_process(pid, signal).expect("permission to send a signal");
    }

    async fn connect(&self) -> std::io::Result<TcpStream> {
        TcpStream::connect(&self.address).await
    }

    /// Returns when the server refuses new connections.
    async fn until_refused(&self) {
        while let Ok(mut client) = self.connect().await {
            // When the server stops, it closes connections without a request.
            let _ = client.read_to_end(&mut Vec::new()).await;
        }
    }

    /// Returns the rest of its output, with stderr at the end, and its exit code.
    async fn exited(mut self) -> (String, Option<i32>) {
        let mut output = String::new();
        while let Some(line) = self.output.next_line().await.expect("text") {
            output += &format!("{line}\n");
        }
        let end = self.child.wait_with_output().await.expect("it ends");
        (output + &String::from_utf8_lossy(&end.stderr), end.status.code())
    }
}

/// Sends the headers of a request, and returns when the server asks for the body. Then the request
/// is in flight, even on a slow machine.
async fn begin_a_request(server: &Server) -> TcpStream {
    let mut client = server.connect().await.expect("a connection");
    let head = format!(
        "POST /users HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        ANN.len()
    );
    client.write_all(head.as_bytes()).await.expect("the headers are sent");
    let mut response = [0; 25];
    client.read_exact(&mut response).await.expect("the server asks for the body");
    assert_eq!(&response, b"HTTP/1.1 100 Continue\r\n\r\n");
    client
}

async fn a_signal_lets_the_request_in_flight_end(signal: Signal) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = command("127.0.0.1:0");
    command.arg("--db").arg(folder.path().join("users.db"));
    let server = Server::spawn(command).await;
    let mut ann = begin_a_request(&server).await;
    server.send(signal);
    server.until_refused().await;
    ann.write_all(ANN.as_bytes()).await.expect("the body is sent");
    let mut response = String::new();
    ann.read_to_string(&mut response).await.expect("a response");
    assert!(response.starts_with("HTTP/1.1 201 Created"), "{response}");
    assert!(response.contains("location: /users/1"), "{response}");
    let (output, code) = server.exited().await;
    assert_eq!(code, Some(0), "{output}");
    assert!(output.contains("1 POST /users 201"), "{output}");
    assert!(output.ends_with("stopped\n"), "no connection was aborted: {output}");
    // SQLite removes its journal when the last connection is closed normally.
    assert_eq!(files_in(folder.path()), ["users.db"]);
}

fn files_in(folder: &Path) -> Vec<OsString> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name()).collect()
}

#[tokio::test]
async fn sigterm_lets_the_request_in_flight_end_and_refuses_new_ones() {
    let test = a_signal_lets_the_request_in_flight_end(Signal::TERM);
    timeout(TIMEOUT, test).await.expect("in time");
}

#[tokio::test]
async fn ctrl_c_lets_the_request_in_flight_end_and_refuses_new_ones() {
    let test = a_signal_lets_the_request_in_flight_end(Signal::INT);
    timeout(TIMEOUT, test).await.expect("in time");
}

#[tokio::test]
async fn it_serves_and_stops_gracefully_when_its_output_is_closed() {
    let test = async {
        let Server { mut child, output, address } = Server::start("127.0.0.1:0").await;
        drop(output);
        let mut client = TcpStream::connect(address).await.expect("a connection");
        client.write_all(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n").await.expect("sent");
        let mut response = [0; 12];
        client.read_exact(&mut response).await.expect("a response");
        assert_eq!(&response, b"HTTP/1.1 200");
        let pid = Pid::from_raw(child.id().expect("it runs") as i32).expect("not 0");
        kill_process(pid, Signal::TERM).expect("permission to send a signal");
        let ended = child.wait().await.expect("it ends");
        assert_eq!(ended.code(), Some(0), "while {client:?} was connected");
    };
    timeout(TIMEOUT, test).await.expect("in time");
}

#[tokio::test]
async fn a_second_signal_ends_the_process_immediately() {
    let test = async {
        let server = Server::start("127.0.0.1:0").await;
        let _ann = begin_a_request(&server).await;
        server.send(Signal::INT);
        server.until_refused().await;
        server.send(Signal::INT);
        let (output, code) = server.exited().await;
        assert_eq!(code, Some(1), "{output}");
        assert!(
            output.ends_with("error: Ctrl-C: aborted the requests in flight\n"),
            "{output}"
        );
    };
    timeout(TIMEOUT, test).await.expect("in time");
}

#[tokio::test]
async fn a_port_in_use_is_an_error_that_names_it() {
    let first = timeout(TIMEOUT, Server::start("127.0.0.1:0")).await.expect("in time");
    let second = command(&first.address).kill_on_drop(true).output();
    let second = timeout(TIMEOUT, second).await.expect("in time").expect("it ran");
    let output = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(1), "{output}");
    assert!(output.contains(&format!("{} is in use", first.address)), "{output}");
}

#[tokio::test]
async fn a_port_alone_is_on_loopback() {
    let server = timeout(TIMEOUT, Server::start("0")).await.expect("in time");
    assert!(server.address.starts_with("127.0.0.1:"), "{}", server.address);
}

/// A killed process cannot remove files, so it must not have created any.
#[tokio::test]
async fn without_db_the_server_creates_no_file() {
    let test = async {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = command("0");
        command.env("TMPDIR", folder.path()).current_dir(&folder);
        let server = Server::spawn(command).await;
        let mut ann = begin_a_request(&server).await;
        ann.write_all(ANN.as_bytes()).await.expect("the body is sent");
        let mut response = [0; 12];
        ann.read_exact(&mut response).await.expect("a response");
        assert_eq!(&response, b"HTTP/1.1 201");
        server.send(Signal::KILL);
        let (output, code) = server.exited().await;
        assert_eq!(code, None, "a signal ended it: {output}");
        assert!(files_in(folder.path()).is_empty(), "{:?}", files_in(folder.path()));
    };
    timeout(TIMEOUT, test).await.expect("in time");
}

/// A limit of 64 KiB for each file acts like a full disk: the system refuses to write more.
#[tokio::test]
async fn a_user_that_was_confirmed_survives_a_full_disk_and_a_kill() {
    let test = async {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("users.db");
        let program = env!("CARGO_BIN_EXE_web-server");
        let mut limited = Command::new("sh");
        // The unit of `ulimit -f` is 512 bytes. The signal XFSZ would end the process.
        limited.args(["-c", "trap '' XFSZ; ulimit -f 128; exec \"$@\"", "sh", program]);
        limited.args(["--serve", "0", "--db"]).arg(&file);
        let server = Server::spawn(limited).await;
        let (mut confirmed, mut failed) = (Vec::new(), 0);
        // A failure must not affect the requests after it, so the first one is not the end.
        for number in 0.. {
            assert!(number < 10_000, "the file grew above its limit");
            if failed == 20 {
                break;
            }
            match add_user(&server, &format!("user{number}@example.com")).await.as_str() {
                "201" => confirmed.push(number),
                "500" => failed += 1,
                status => panic!("unexpected status {status}"),
            }
        }
        server.send(Signal::KILL);
        server.exited().await;
        assert!(!confirmed.is_empty(), "at least one user fits");
        let mut again = command("0");
        again.arg("--db").arg(&file);
        let server = Server::spawn(again).await;
        for number in confirmed {
            let status = add_user(&server, &format!("user{number}@example.com")).await;
            assert_eq!(status, "409", "user {number} was confirmed, and is lost");
        }
    };
    timeout(TIMEOUT, test).await.expect("in time");
}

/// Returns the status of the response, after the pauses that the server's rate limit demands.
async fn add_user(server: &Server, email: &str) -> String {
    loop {
        match try_to_add_user(server, email).await {
            status if status == "429" => sleep(Duration::from_millis(20)).await,
            status => return status,
        }
    }
}

async fn try_to_add_user(server: &Server, email: &str) -> String {
    let body = format!(r#"{{"name":"{}","email":"{email}"}}"#, "Ann ".repeat(24) + "Ann");
    let request = format!(
        "POST /users HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut client = server.connect().await.expect("a connection");
    client.write_all(request.as_bytes()).await.expect("sent");
    let mut response = String::new();
    client.read_to_string(&mut response).await.expect("a response");
    response.split(' ').nth(1).expect("a status").to_owned()
}

#[tokio::test]
async fn the_process_applies_the_default_limits() {
    let test = async {
        let server = Server::start("127.0.0.1:0").await;
        let mut client = server.connect().await.expect("a connection");
        let head = b"POST /users HTTP/1.1\r\nhost: here\r\ncontent-length: 65537\r\n\r\n";
        client.write_all(head).await.expect("the headers are sent");
        let mut response = [0; 12];
        client.read_exact(&mut response).await.expect("a response");
        assert_eq!(&response, b"HTTP/1.1 413");
    };
    timeout(TIMEOUT, test).await.expect("in time");
}
