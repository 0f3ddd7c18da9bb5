//! What a process has acknowledged on the embedded queue survives its `kill -9`.
#![cfg(not(target_family = "wasm"))]

use std::{
    env,
    io::{BufRead, BufReader},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use distributed::{Broker, Embedded, Message, Queue, Settings};

/// Names the folder for the process that is killed.
const FOLDER: &str = "FOLDER_OF_A_TEST";

async fn queue(broker: &Embedded) -> Arc<dyn Queue> {
    // After each kill this test receives every number.
    let settings =
        Settings { max_deliver: 10, max_ack_pending: 1_000_000, ..Settings::default() };
    broker.queue("numbers", settings).await.expect("a queue")
}

/// Another process of this program, which publishes numbers until it is killed.
struct Publisher(Child);

impl Publisher {
    fn start(folder: &Path) -> Self {
        let own_program = env::current_exe().expect("the path of this program");
        let child = Command::new(own_program)
            .args(["--exact", "the_process_that_is_killed", "--ignored", "--nocapture"])
            .env(FOLDER, folder)
            .stdout(Stdio::piped())
            .spawn()
            .expect("another process");
        Self(child)
    }

    /// Reads the numbers that the process reports as stored, that many.
    fn stored(&mut self, count: usize) -> Vec<usize> {
        let stdout = self.0.stdout.as_mut().expect("a pipe");
        let lines = BufReader::new(stdout).lines().map(|line| line.expect("text"));
        let number = |line: String| {
            let (_, number) = line.split_once("stored ")?;
            Some(number.parse::<usize>().expect("a number"))
        };
        lines.filter_map(number).take(count).collect()
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        // On Unix this is SIGKILL. If the process has ended already, there is nothing to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

// The main thread waits for the other process, while another thread closes the folder.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_number_that_was_reported_as_stored_is_there_after_each_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut expected = 0;
    for lines in [1, 2, 10, 57, 133] {
        let mut publisher = Publisher::start(folder.path());
        let stored = publisher.stored(lines);
        assert_eq!(stored, (expected..expected + lines).collect::<Vec<_>>());
        if lines == 10 {
            let error = Embedded::open(folder.path()).await.expect_err("it is in use");
            assert!(error.to_string().contains("another process"), "{error}");
        }
        drop(publisher);
        expected = all_are_there(folder.path(), expected + lines).await;
    }
}

/// Checks that the numbers from 0 are in the queue, in their order, at least the first `stored`.
/// Returns how many there are.
async fn all_are_there(folder: &Path, stored: usize) -> usize {
    let broker = Embedded::open(folder).await.expect("a broker");
    let queue = queue(&broker).await;
    let waiting = queue.status().await.expect("a status").waiting;
    assert!(waiting >= stored, "{waiting} of {stored} are left");
    let max = NonZeroUsize::new(waiting).expect("some are there");
    let all = queue.receive(0, max).await.expect("deliveries");
    let numbers = all.iter().map(|delivery| number(&delivery.message));
    assert_eq!(numbers.zip(0..).find(|(number, expected)| number != expected), None);
    assert_eq!(all.len(), waiting);
    waiting
}

fn number(message: &Message) -> usize {
    std::str::from_utf8(&message.body).expect("text").parse().expect("a number")
}

#[tokio::test]
#[ignore = "another test starts it, and kills it"]
async fn the_process_that_is_killed() {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else { return };
    let broker = Embedded::open(&folder).await.expect("a broker");
    let queue = queue(&broker).await;
    let first = queue.status().await.expect("a status").waiting;
    for number in first.. {
        queue.publish_one(Message::new(number.to_string())).await.expect("it is stored");
        println!("stored {number}");
    }
}
