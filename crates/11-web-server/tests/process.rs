//! The real process stops as gracefully as the server in it, on either signal.

#![cfg(unix)]

use std::{ffi::OsString, fs, path::Path, process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    net::TcpStream,
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// Far beyond what any machine needs.
const PATIENCE: Duration = Duration::from_secs(30);

const ANN: &str = r#"{"name":"Ann","email":"ann@example.com"}"#;

fn command(address: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_web-server"));
    command.args(["--serve", address]);
    command
}

/// The server as a reader starts it; killed if the test ends early.
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
        kill_process(pid, signal).expect("it is ours");
    }

    async fn connect(&self) -> std::io::Result<TcpStream> {
        TcpStream::connect(&self.address).await
    }

    /// Comes back when nobody can connect any more.
    async fn until_it_refuses(&self) {
        while let Ok(mut client) = self.connect().await {
            // A client that says nothing is hung up on when the server stops.
            let _ = client.read_to_end(&mut Vec::new()).await;
        }
    }

    /// What it still printed, errors last, and its exit code.
    async fn ended(mut self) -> (String, Option<i32>) {
        let mut said = String::new();
        while let Some(line) = self.output.next_line().await.expect("text") {
            said += &format!("{line}\n");
        }
        let output = self.child.wait_with_output().await.expect("it ends");
        (said + &String::from_utf8_lossy(&output.stderr), output.status.code())
    }
}

/// Sends the headers of a request, and comes back when the server asks for its body: then the
/// request is in flight, however slow the machine.
async fn begin_a_request(server: &Server) -> TcpStream {
    let mut client = server.connect().await.expect("a connection");
    let head = format!(
        "POST /users HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        ANN.len()
    );
    client.write_all(head.as_bytes()).await.expect("the headers are sent");
    let mut answer = [0; 25];
    client.read_exact(&mut answer).await.expect("the server asks for the body");
    assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
    client
}

async fn a_signal_lets_the_request_in_flight_end(signal: Signal) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = command("127.0.0.1:0");
    command.arg("--db").arg(folder.path().join("users.db"));
    let server = Server::spawn(command).await;
    let mut ann = begin_a_request(&server).await;
    server.send(signal);
    server.until_it_refuses().await;
    ann.write_all(ANN.as_bytes()).await.expect("the body is sent");
    let mut answer = String::new();
    ann.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 201 Created"), "{answer}");
    assert!(answer.contains("location: /users/1"), "{answer}");
    let (said, code) = server.ended().await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("1 POST /users 201"), "{said}");
    assert!(said.ends_with("stopped\n"), "nobody was cut off: {said}");
    // SQLite removes its journal when the last connection is closed in good order.
    assert_eq!(files_in(folder.path()), ["users.db"]);
}

fn files_in(folder: &Path) -> Vec<OsString> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name()).collect()
}

#[tokio::test]
async fn sigterm_lets_the_request_in_flight_end_and_refuses_new_ones() {
    let test = a_signal_lets_the_request_in_flight_end(Signal::TERM);
    timeout(PATIENCE, test).await.expect("in time");
}

#[tokio::test]
async fn ctrl_c_lets_the_request_in_flight_end_and_refuses_new_ones() {
    let test = a_signal_lets_the_request_in_flight_end(Signal::INT);
    timeout(PATIENCE, test).await.expect("in time");
}

#[tokio::test]
async fn it_serves_and_stops_in_good_order_when_nobody_reads_what_it_prints() {
    let test = async {
        let Server { mut child, output, address } = Server::start("127.0.0.1:0").await;
        drop(output);
        let mut client = TcpStream::connect(address).await.expect("a connection");
        client.write_all(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n").await.expect("sent");
        let mut answer = [0; 12];
        client.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(&answer, b"HTTP/1.1 200");
        let pid = Pid::from_raw(child.id().expect("it runs") as i32).expect("not 0");
        kill_process(pid, Signal::TERM).expect("it is ours");
        let ended = child.wait().await.expect("it ends");
        assert_eq!(ended.code(), Some(0), "while {client:?} was connected");
    };
    timeout(PATIENCE, test).await.expect("in time");
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let test = async {
        let server = Server::start("127.0.0.1:0").await;
        let _ann = begin_a_request(&server).await;
        server.send(Signal::INT);
        server.until_it_refuses().await;
        server.send(Signal::INT);
        let (said, code) = server.ended().await;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.ends_with("error: Ctrl-C: stopped in the middle\n"), "{said}");
    };
    timeout(PATIENCE, test).await.expect("in time");
}

#[tokio::test]
async fn a_port_in_use_is_named_and_no_other_is_taken() {
    let first = timeout(PATIENCE, Server::start("127.0.0.1:0")).await.expect("in time");
    let second = command(&first.address).kill_on_drop(true).output();
    let second = timeout(PATIENCE, second).await.expect("in time").expect("it ran");
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("{} is in use", first.address)), "{said}");
}

#[tokio::test]
async fn a_port_alone_is_on_loopback() {
    let server = timeout(PATIENCE, Server::start("0")).await.expect("in time");
    assert!(server.address.starts_with("127.0.0.1:"), "{}", server.address);
}

/// Killed, it can remove nothing; so it must not have made anything.
#[tokio::test]
async fn without_a_file_for_its_users_it_makes_none() {
    let test = async {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = command("0");
        command.env("TMPDIR", folder.path()).current_dir(&folder);
        let server = Server::spawn(command).await;
        let mut ann = begin_a_request(&server).await;
        ann.write_all(ANN.as_bytes()).await.expect("the body is sent");
        let mut answer = [0; 12];
        ann.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(&answer, b"HTTP/1.1 201");
        server.send(Signal::KILL);
        let (said, code) = server.ended().await;
        assert_eq!(code, None, "a signal ended it: {said}");
        assert!(files_in(folder.path()).is_empty(), "{:?}", files_in(folder.path()));
    };
    timeout(PATIENCE, test).await.expect("in time");
}

#[tokio::test]
async fn what_it_serves_is_under_its_limits() {
    let test = async {
        let server = Server::start("127.0.0.1:0").await;
        let mut client = server.connect().await.expect("a connection");
        let head = b"POST /users HTTP/1.1\r\nhost: here\r\ncontent-length: 65537\r\n\r\n";
        client.write_all(head).await.expect("the headers are sent");
        let mut answer = [0; 12];
        client.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(&answer, b"HTTP/1.1 413");
    };
    timeout(PATIENCE, test).await.expect("in time");
}
