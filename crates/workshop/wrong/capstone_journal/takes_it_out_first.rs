//! `receive` takes the image out of the state, and puts it back with its record after the `sync`.
//! message: is lost when its future is dropped.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join,
    sync::Notify,
    time::{Duration, Instant, sleep, timeout, timeout_at},
};

/// How long a worker has for an image.
const ACK_WAIT: Duration = Duration::from_secs(10);

/// The queue. A clone is a handle to the same queue.
#[derive(Clone)]
struct Queue {
    shared: Arc<Shared>,
}

struct Shared {
    max_deliver: u32,
    journal: Mutex<Journal>,
    /// How much of the journal is certain to be stored. The call that holds this lock awaits a `sync`, and the
    /// others wait for the lock.
    stored: tokio::sync::Mutex<usize>,
    changed: Notify,
}

/// The journal, and the state that its records make.
struct Journal {
    disk: Disk,
    end: usize,
    last: u64,
    /// What is not acknowledged, by the number of its publication.
    images: BTreeMap<u64, Image>,
}

struct Image {
    name: String,
    deliveries: u32,
    /// When it may be delivered, or is a dead letter.
    ready: Instant,
}

impl Journal {
    /// The state after one more record. It is the only code that changes the state.
    fn apply(&mut self, record: &str) {
        let (event, what) = record.split_once(' ').expect("a record has two words");
        let number = || what.parse::<u64>().expect("a number");
        match event {
            "published" => {
                let (name, ready) = (what.to_owned(), Instant::now());
                self.last += 1;
                self.images.insert(self.last, Image { name, deliveries: 0, ready });
            }
            "delivered" => {
                let image = self.images.get_mut(&number()).expect("it is in the queue");
                image.deliveries += 1;
                image.ready = Instant::now() + ACK_WAIT;
            }
            "acknowledged" => drop(self.images.remove(&number())),
            _ => unreachable!("no such event: {event}"),
        }
    }

    /// Writes a record and changes the state, without an `await` in between. Returns the end of the record.
    fn write(&mut self, record: &str) -> usize {
        self.apply(record);
        self.end = self.disk.write(self.end, &format!("{record}\n"));
        self.end
    }
}

impl Queue {
    /// Opens the queue whose journal is on this disk. Each image is delivered at most `max_deliver` times.
    async fn open(disk: Disk, max_deliver: u32) -> Self {
        let text = disk.read();
        // A record without its line break was not stored in full. The next one is written over it.
        let end = text.rfind('\n').map_or(0, |last| last + 1);
        let mut journal = Journal { disk, end, last: 0, images: BTreeMap::new() };
        for record in text[..end].lines() {
            journal.apply(record);
        }
        // The workers are gone.
        for image in journal.images.values_mut() {
            image.ready = Instant::now();
        }
        let (journal, stored) = (Mutex::new(journal), tokio::sync::Mutex::new(end));
        let changed = Notify::new();
        Self { shared: Arc::new(Shared { max_deliver, journal, stored, changed }) }
    }

    /// Adds an image. Its name has only lower-case letters, digits and `-`.
    async fn publish(&self, image: &str) {
        let end = self.journal().write(&format!("published {image}"));
        self.store(end).await;
    }

    /// Waits for the next image.
    async fn receive(&self) -> Delivery {
        loop {
            // Made before the look at the state: a change between the two is not missed.
            let changed = self.shared.changed.notified();
            let next = self.take();
            match next {
                Ok((delivery, end)) => {
                    let image = self.journal().images.remove(&delivery.number);
                    self.store(end).await;
                    self.journal().images.extend(image.map(|it| (delivery.number, it)));
                    self.shared.changed.notify_waiters();
                    return delivery;
                }
                Err(Some(ready)) => drop(timeout_at(ready, changed).await),
                Err(None) => changed.await,
            }
        }
    }

    /// The image of this delivery is uploaded.
    async fn acknowledge(&self, delivery: Delivery) {
        let end = self.journal().write(&format!("acknowledged {}", delivery.number));
        self.store(end).await;
    }

    fn dead_letters(&self) -> Vec<String> {
        let (max, now) = (self.shared.max_deliver, Instant::now());
        let journal = self.journal();
        let dead =
            journal.images.values().filter(|it| it.deliveries == max && it.ready <= now);
        dead.map(|image| image.name.clone()).collect()
    }

    fn journal(&self) -> std::sync::MutexGuard<'_, Journal> {
        self.shared.journal.lock().unwrap()
    }

    /// Delivers the first image that is ready, or returns when one will be.
    fn take(&self) -> Result<(Delivery, usize), Option<Instant>> {
        let (max, now) = (self.shared.max_deliver, Instant::now());
        let mut journal = self.journal();
        let alive = journal.images.iter().filter(|(_, it)| it.deliveries < max);
        match alive.clone().find(|(_, image)| image.ready <= now) {
            Some((&number, image)) => {
                let delivery = Delivery { number, image: image.name.clone() };
                Ok((delivery, journal.write(&format!("delivered {number}"))))
            }
            None => Err(alive.map(|(_, image)| image.ready).min()),
        }
    }

    /// Returns when the journal is stored up to this end.
    async fn store(&self, end: usize) {
        self.shared.changed.notify_waiters();
        let mut stored = self.shared.stored.lock().await;
        // The call that had the lock before may have stored this record too.
        if *stored < end {
            let (disk, written) = {
                let journal = self.journal();
                (journal.disk.clone(), journal.end)
            };
            disk.sync().await;
            *stored = written;
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
