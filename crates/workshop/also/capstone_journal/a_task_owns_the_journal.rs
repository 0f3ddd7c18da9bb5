//! A task writes the journal: it takes all calls that wait, writes their records, and syncs once for all of them.

use std::{
    collections::{BTreeMap, VecDeque},
    future::pending,
    sync::{Arc, Mutex},
};

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join, select, spawn,
    sync::{mpsc, oneshot},
    time::{Duration, Instant, sleep, sleep_until, timeout},
};

/// How long a worker has for an image.
const ACK_WAIT: Duration = Duration::from_secs(10);

/// The queue. A clone is a handle to the same queue.
#[derive(Clone)]
struct Queue {
    calls: mpsc::Sender<Call>,
    state: Arc<Mutex<State>>,
}

enum Call {
    Publish(String, oneshot::Sender<()>),
    Acknowledge(u64, oneshot::Sender<()>),
    Receive(oneshot::Sender<Delivery>),
}

struct State {
    max_deliver: u32,
    last: u64,
    images: BTreeMap<u64, Image>,
}

struct Image {
    name: String,
    deliveries: u32,
    /// When its last delivery expires.
    expires: Option<Instant>,
}

impl State {
    fn publish(&mut self, image: &str) -> String {
        self.last += 1;
        let image = Image { name: image.to_owned(), deliveries: 0, expires: None };
        let record = format!("+{}\n", image.name);
        self.images.insert(self.last, image);
        record
    }

    fn deliver(&mut self, number: u64) -> String {
        let image = self.images.get_mut(&number).expect("it is in the queue");
        image.deliveries += 1;
        image.expires = Some(Instant::now() + ACK_WAIT);
        format!("!{number}\n")
    }

    fn acknowledge(&mut self, number: u64) -> String {
        self.images.remove(&number);
        format!("-{number}\n")
    }

    fn replay(&mut self, record: &str) {
        let (event, what) = record.split_at(1);
        match event {
            "+" => self.publish(what),
            "!" => self.deliver(what.parse().expect("a number")),
            _ => self.acknowledge(what.parse().expect("a number")),
        };
    }

    /// The images that may be delivered again, and when.
    fn alive(&self) -> impl Iterator<Item = (u64, &Image, Instant)> {
        let now = Instant::now();
        let alive = self.images.iter().filter(|(_, it)| it.deliveries < self.max_deliver);
        alive.map(move |(number, it)| (*number, it, it.expires.unwrap_or(now)))
    }

    fn ready(&self) -> Option<Delivery> {
        let ready = self.alive().find(|(.., at)| *at <= Instant::now());
        ready.map(|(number, image, _)| Delivery { number, image: image.name.clone() })
    }
}

impl Queue {
    /// Opens the queue whose journal is on this disk. Each image is delivered at most `max_deliver` times.
    async fn open(disk: Disk, max_deliver: u32) -> Self {
        let text = disk.read();
        let mut state = State { max_deliver, last: 0, images: BTreeMap::new() };
        let mut end = 0;
        for record in text.split_inclusive('\n').filter(|it| it.ends_with('\n')) {
            end += record.len();
            state.replay(record.trim_end());
        }
        state.images.values_mut().for_each(|image| image.expires = None);
        let state = Arc::new(Mutex::new(state));
        let (calls, received) = mpsc::channel(64);
        spawn(keep(received, disk, end, state.clone()));
        Self { calls, state }
    }

    /// Adds an image. Its name has only lower-case letters, digits and `-`.
    async fn publish(&self, image: &str) {
        self.call(|reply| Call::Publish(image.to_owned(), reply)).await;
    }

    /// Waits for the next image.
    async fn receive(&self) -> Delivery {
        self.call(Call::Receive).await
    }

    /// The image of this delivery is uploaded.
    async fn acknowledge(&self, delivery: Delivery) {
        self.call(|reply| Call::Acknowledge(delivery.number, reply)).await;
    }

    fn dead_letters(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        let is_dead = |image: &&Image| {
            image.deliveries == state.max_deliver
                && image.expires.is_none_or(|at| at <= Instant::now())
        };
        state.images.values().filter(is_dead).map(|image| image.name.clone()).collect()
    }

    async fn call<T>(&self, call: impl FnOnce(oneshot::Sender<T>) -> Call) -> T {
        let (reply, answer) = oneshot::channel();
        let sent = self.calls.send(call(reply)).await;
        assert!(sent.is_ok(), "the task lives as long as this handle");
        answer.await.expect("the task answers each call")
    }
}

/// Owns the journal. A caller that is cancelled does not stop it.
async fn keep(
    mut calls: mpsc::Receiver<Call>,
    disk: Disk,
    mut end: usize,
    state: Arc<Mutex<State>>,
) {
    let mut workers = VecDeque::new();
    loop {
        let expires = state.lock().unwrap().alive().map(|(.., at)| at).min();
        let expired = async {
            match expires.filter(|_| !workers.is_empty()) {
                Some(at) => sleep_until(at).await,
                None => pending().await,
            }
        };
        let mut batch = Vec::new();
        select! {
            count = calls.recv_many(&mut batch, 256) => if count == 0 { return },
            () = expired => {}
        }
        let (mut records, mut stored, mut delivered) = (String::new(), vec![], vec![]);
        {
            let mut state = state.lock().unwrap();
            for call in batch {
                match call {
                    Call::Publish(image, reply) => {
                        records += &state.publish(&image);
                        stored.push(reply);
                    }
                    Call::Acknowledge(number, reply) => {
                        records += &state.acknowledge(number);
                        stored.push(reply);
                    }
                    Call::Receive(reply) => workers.push_back(reply),
                }
            }
            workers.retain(|worker: &oneshot::Sender<Delivery>| !worker.is_closed());
            while let (false, Some(delivery)) = (workers.is_empty(), state.ready()) {
                records += &state.deliver(delivery.number);
                delivered.extend(workers.pop_front().map(|worker| (worker, delivery)));
            }
        }
        if !records.is_empty() {
            end = disk.write(end, &records);
            disk.sync().await;
        }
        // A caller that is gone does not need its answer.
        for reply in stored {
            let _ = reply.send(());
        }
        for (worker, delivery) in delivered {
            let _ = worker.send(delivery);
        }
    }
}

/// An image, with the worker that uploads it.
struct Delivery {
    number: u64,
    image: String,
}

/// A disk with one file. A clone is the same disk. Given code from here on: do not change it.
#[derive(Clone, Default)]
struct Disk {
    content: Arc<Mutex<Content>>,
    /// The disk does one `sync` after the other.
    busy: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct Content {
    written: String,
    stored: String,
    syncs: usize,
}

impl Disk {
    /// The whole file.
    fn read(&self) -> String {
        self.content.lock().unwrap().written.clone()
    }

    /// Writes at this position, and cuts off what is behind the text. Returns the length of the file.
    fn write(&self, position: usize, text: &str) -> usize {
        let file = &mut self.content.lock().unwrap().written;
        file.truncate(position);
        file.push_str(text);
        file.len()
    }

    /// Stores what was written before.
    async fn sync(&self) {
        let _turn = self.busy.lock().await;
        let written = {
            let mut content = self.content.lock().unwrap();
            content.syncs += 1;
            content.written.clone()
        };
        sleep(10.ms()).step("sync").await;
        self.content.lock().unwrap().stored = written;
    }

    /// How many times `sync` has begun since the power came back.
    fn syncs(&self) -> usize {
        self.content.lock().unwrap().syncs
    }

    /// The disk after a power failure: with what was stored, and with so many bytes that were only
    /// written. `None` if there are fewer.
    fn after_power_failure(&self, kept: usize) -> Option<Disk> {
        let Content { written, stored, .. } = &*self.content.lock().unwrap();
        let same =
            written.bytes().zip(stored.bytes()).take_while(|(a, b)| a == b).count();
        let rest = if kept == 0 { stored } else { written.get(..same + kept)? };
        let (written, stored) = (rest.to_owned(), rest.to_owned());
        let content = Content { written, stored, syncs: 0 };
        Some(Disk { content: Arc::new(Mutex::new(content)), ..Disk::default() })
    }
}

/// A worker. An image takes 60 ms, and `nebula` is so large that the power always fails before its end. Do
/// not change it.
async fn work(queue: &Queue) {
    loop {
        let delivery = queue.receive().await;
        say!("begins {}", delivery.image);
        let time = if delivery.image == "nebula" { 1.secs() } else { 60.ms() };
        sleep(time).step("upload").await;
        say!("has uploaded {}", delivery.image);
        queue.acknowledge(delivery).await;
    }
}

/// The power fails every 120 ms. Returns the dead letters. Do not change it.
async fn run() -> Vec<String> {
    let mut disk = Disk::default();
    for images in [&["comet", "nebula"][..], &["moon"], &[], &[]] {
        let queue = Queue::open(disk.clone(), 3).await;
        let publish = async {
            for image in images {
                queue.publish(image).await;
                say!("has published {image}");
            }
        };
        let all = async { join!(publish.lane("camera"), work(&queue).lane("worker")) };
        let _ = timeout(120.ms(), all).await;
        say!("the power fails, after {} times `sync`", disk.syncs());
        disk = disk.after_power_failure(0).expect("no byte is kept");
    }
    Queue::open(disk, 3).await.dead_letters()
}

fn main() {
    exercise::show(run());
}
