//! capstone_journal · 60 minutes · a queue that loses nothing when the power fails
//!
//! An observatory on a mountain puts its images into a queue, and workers upload them. Its power may fail at
//! any `await`, and a worker may die. Write `Queue`, which keeps a journal on a disk: a file of records, such
//! as `published comet`, to which it only appends. What is written is certain to be stored when a `sync` that
//! began later has ended. A power failure loses the rest, or a part of it.
//!
//! 1. `publish` returns when the image is stored. After a power failure, `open` reads the journal, and the
//!    images are delivered in the order in which they were published.
//! 2. `acknowledge` returns when that is stored. Then the image is not delivered again, also after a power
//!    failure. All others are ready when `open` returns, because their workers are gone.
//! 3. A power failure may leave a part of a record at the end of the journal. `open` ignores it, and what is
//!    published later is safe too.
//! 4. If a delivery is not acknowledged after 10 s, its image is delivered again, and not earlier. A late
//!    acknowledgement counts. If no image is ready, `receive` waits, and uses no processor time meanwhile.
//! 5. An image is delivered at most `max_deliver` times, also if each delivery ends with a power failure.
//!    After that it is a dead letter.
//! 6. A `sync` stores everything that was written before it began, and takes 10 ms. A hundred calls of
//!    `publish` at the same time need at most five.
//! 7. Each call may be cancelled at any `await`: its image is then stored or not. Every other promise holds,
//!    and no other call waits forever.
//!
//! The tests have the numbers of the points: the lowest one that fails is the next step.
//!
//! Section: `cargo run -p distributed -- durable`. Code: crates/18-distributed/src/lessons/durable.rs.
//! Page: docs/src/18-distributed.md.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use async_kit::{Lane, Millis, exercise, say};
use tokio::{
    join,
    time::{Duration, sleep, timeout},
};

/// How long a worker has for an image.
const ACK_WAIT: Duration = Duration::from_secs(10);

// TODO: write it, one point after the other. Add fields and types as you need; the tests use only these
// functions, and the field `image`.
// - Which events must be in the journal, so that the state can be computed from it?
// - Which code can change the state both when the journal is read and when an event happens?
// - What must happen together, without an `await` in between?
/// The queue. A clone is a handle to the same queue.
#[derive(Clone)]
struct Queue {
    disk: Disk,
    images: Arc<Mutex<VecDeque<String>>>,
}

impl Queue {
    /// Opens the queue whose journal is on this disk. Each image is delivered at most `max_deliver` times.
    async fn open(disk: Disk, max_deliver: u32) -> Self {
        let images = disk.read().lines().map(str::to_owned).collect();
        Self { disk, images: Arc::new(Mutex::new(images)) }
    }

    /// Adds an image. Its name has only lower-case letters, digits and `-`.
    async fn publish(&self, image: &str) {
        self.images.lock().unwrap().push_back(image.to_owned());
        let end = self.disk.read().len();
        self.disk.write(end, &format!("{image}\n"));
    }

    /// Waits for the next image.
    async fn receive(&self) -> Delivery {
        loop {
            let next = self.images.lock().unwrap().pop_front();
            match next {
                Some(image) => return Delivery { image },
                None => sleep(ACK_WAIT / 1000).await,
            }
        }
    }

    /// The image of this delivery is uploaded.
    async fn acknowledge(&self, delivery: Delivery) {
        drop(delivery);
        self.disk.sync().await;
    }

    fn dead_letters(&self) -> Vec<String> {
        Vec::new()
    }
}

/// An image, with the worker that uploads it.
struct Delivery {
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

#[cfg(test)]
mod tests {
    use std::{
        future::poll_fn,
        pin::pin,
        sync::{
            Arc, Mutex,
            atomic::{AtomicUsize, Ordering::SeqCst},
        },
    };

    use async_kit::{Millis, exercise};
    use futures::future::join_all;
    use tokio::{
        join, spawn,
        time::{Instant, sleep, timeout},
    };

    use super::{ACK_WAIT, Disk, Queue};

    /// What is ready within a second. Each image is acknowledged.
    async fn drain(queue: &Queue) -> Vec<String> {
        let mut images = Vec::new();
        while let Ok(delivery) = timeout(1.secs(), queue.receive()).await {
            images.push(delivery.image.clone());
            queue.acknowledge(delivery).await;
        }
        images
    }

    /// A disk that has lost everything that was only written.
    fn power_failure(disk: &Disk) -> Disk {
        disk.after_power_failure(0).expect("no byte is kept")
    }

    async fn drain_after_power_failure(disk: &Disk) -> Vec<String> {
        drain(&Queue::open(power_failure(disk), 3).await).await
    }

    async fn queue_of(images: &[&str]) -> (Disk, Queue) {
        let disk = Disk::default();
        let queue = Queue::open(disk.clone(), 3).await;
        for image in images {
            queue.publish(image).await;
        }
        (disk, queue)
    }

    #[test]
    fn point_1_a_published_image_survives_a_power_failure() {
        let run = exercise::observe(async {
            let (_, queue) = queue_of(&["comet", "moon", "mars"]).await;
            drain(&queue).await
        });
        run.require(
            run.output() == &["comet", "moon", "mars"],
            format!("without a power failure, `receive` returned {:?}", run.output()),
            r#"["comet", "moon", "mars"]"#,
            "The image that was published first is delivered first, and each once.",
        );
        let run = exercise::observe(async {
            let (disk, _) = queue_of(&["comet", "moon", "mars"]).await;
            drain_after_power_failure(&disk).await
        });
        run.require(
            run.output() == &["comet", "moon", "mars"],
            format!("after the power failure, `receive` returned {:?}", run.output()),
            r#"["comet", "moon", "mars"]"#,
            "What is only written is lost when the power fails: `publish` must not return before a \
             `sync` that began later than its `write` has ended.",
        );
    }

    #[test]
    fn point_2_an_acknowledged_image_is_not_delivered_again() {
        let run = exercise::observe(async {
            let (disk, queue) = queue_of(&["comet", "moon", "mars"]).await;
            // The worker with comet is slow. The one with moon is done.
            let _comet = queue.receive().await;
            let moon = queue.receive().await;
            let second = moon.image.clone();
            queue.acknowledge(moon).await;
            (second, drain_after_power_failure(&disk).await)
        });
        let (second, left) = run.output();
        run.require(
            second == "moon",
            format!("a worker had comet, and a second worker got {second}"),
            "moon",
            "While its worker has 10 s, comet is not ready.",
        );
        run.require(
            left == &["comet", "mars"],
            format!("moon was acknowledged, and after the power failure {left:?} are delivered"),
            r#"["comet", "mars"]"#,
            "The state is what the journal says: an acknowledgement is a record too, and must be stored \
             before `acknowledge` returns. It names an image, which need not be the first one. A \
             delivery without an acknowledgement removes nothing.",
        );
        let run = exercise::observe(async {
            let (disk, queue) = queue_of(&["comet", "comet"]).await;
            let first = queue.receive().await;
            queue.acknowledge(first).await;
            drain_after_power_failure(&disk).await
        });
        run.require(
            run.output() == &["comet"],
            format!(
                "one of two images called comet was acknowledged, and {:?} are delivered",
                run.output()
            ),
            r#"["comet"]"#,
            "Two images may have the same name: give each a number when it is published.",
        );
    }

    #[test]
    fn point_3a_a_part_of_a_record_is_ignored() {
        let run = exercise::observe(async {
            let (disk, queue) = queue_of(&["comet"]).await;
            // The power fails before the `sync`.
            let _ = timeout(5.ms(), queue.publish("jupiter")).await;
            for kept in 0.. {
                let Some(disk) = disk.after_power_failure(kept) else { break };
                let queue = Queue::open(disk.clone(), 3).await;
                queue.publish("mars").await;
                let seen = drain_after_power_failure(&disk).await;
                if seen != ["comet", "mars"] && seen != ["comet", "jupiter", "mars"] {
                    return Err((kept, seen));
                }
            }
            Ok(())
        });
        let Err((kept, seen)) = run.output() else { return };
        let likely = if !seen.iter().any(|image| image == "mars") {
            "mars was published later, and is lost: its record was written behind the part. Write it \
             behind the last whole record."
        } else {
            "A part of a record looks like another record. A record is whole only with its end, the \
             line break."
        };
        run.require(
            false,
            format!(
                "the power failed while jupiter was published, and {kept} bytes of its record were kept. \
                 Then mars was published, and {seen:?} are delivered"
            ),
            r#"["comet", "mars"] or ["comet", "jupiter", "mars"]"#,
            likely,
        );
    }

    #[test]
    fn point_3b_a_write_destroys_no_older_record() {
        let run = exercise::observe(async {
            let (disk, queue) = queue_of(&["comet", "moon", "mars"]).await;
            let comet = queue.receive().await;
            // The power fails before the `sync`.
            let _ = timeout(5.ms(), queue.acknowledge(comet)).await;
            for kept in 0.. {
                let Some(disk) = disk.after_power_failure(kept) else { break };
                let seen = drain_after_power_failure(&disk).await;
                if seen != ["moon", "mars"] && seen != ["comet", "moon", "mars"] {
                    return Err((kept, seen));
                }
            }
            Ok(())
        });
        let Err((kept, seen)) = run.output() else { return };
        run.require(
            false,
            format!(
                "the power failed while comet was acknowledged, {kept} of the bytes that were written then \
                 were kept, and {seen:?} are delivered"
            ),
            r#"["moon", "mars"] or ["comet", "moon", "mars"]"#,
            "What is written over an old record destroys it, and may itself be stored only in part. Write \
             behind all whole records.",
        );
    }

    #[test]
    fn point_4a_an_image_is_delivered_again_after_10_s() {
        let run = exercise::observe(async {
            let (_, queue) = queue_of(&["comet"]).await;
            drop(queue.receive().await);
            let start = Instant::now();
            let again = timeout(60.secs(), queue.receive()).await;
            again.ok().map(|delivery| (delivery.image, start.elapsed()))
        });
        let seen = run.output().as_ref().map(|(_, after)| *after);
        run.require(
            seen.is_some_and(|after| after >= 9_900.ms()),
            match seen {
                Some(after) => format!("comet was delivered again after {after:?}"),
                None => "a worker died, and a `receive` of 60 s did not get its image"
                    .to_owned(),
            },
            "after 10 s",
            match seen {
                Some(_) => "Its worker may be alive, and has 10 s.",
                None => "A `receive` that waits must continue when a delivery expires.",
            },
        );
        run.require(
            seen.is_some_and(|after| after <= 10_100.ms()),
            format!("comet was delivered again after {seen:?}"),
            "after 10 s",
            "Wait until the time at which the next delivery expires.",
        );
    }

    #[test]
    fn point_4b_a_late_acknowledgement_counts() {
        let run = exercise::observe(async {
            let (_, queue) = queue_of(&["comet", "moon"]).await;
            let late = queue.receive().await;
            sleep(ACK_WAIT + 2.secs()).await;
            let second = queue.receive().await;
            queue.acknowledge(late).await;
            sleep(ACK_WAIT + 2.secs()).await;
            (second.image, drain(&queue).await)
        });
        run.require(
            run.output().0 == "comet",
            format!("comet expired, and the next delivery was {}", run.output().0),
            "comet: it was published before moon",
            "Of the images that are ready, the one that was published first is delivered.",
        );
        run.require(
            run.output().1 == ["moon"],
            format!(
                "comet was acknowledged after 12 s, and later {:?} were delivered",
                run.output().1
            ),
            r#"["moon"]"#,
            "The image is uploaded, whichever delivery says so.",
        );
    }

    #[test]
    fn point_4c_a_published_image_wakes_a_worker() {
        let run = exercise::observe(async {
            let (_, queue) = queue_of(&["moon"]).await;
            let _moon = queue.receive().await;
            let start = Instant::now();
            let publish = async {
                sleep(105.ms()).await;
                queue.publish("comet").await;
            };
            let receive = async {
                let delivery = timeout(5.secs(), queue.receive()).await;
                delivery.ok().map(|_| start.elapsed())
            };
            join!(publish, receive).1
        });
        run.require(
            run.output().is_some_and(|after| after <= 145.ms()),
            match run.output() {
                Some(after) => format!("a `receive` got comet after {after:?}"),
                None => "a `receive` did not get comet in 5 s".to_owned(),
            },
            "comet is published at 105 ms, and delivered within four times 10 ms",
            "Each change of the state must wake a `receive` that waits.",
        );
    }

    #[test]
    fn point_4d_a_receive_that_waits_is_not_polled() {
        let polls = Arc::new(AtomicUsize::new(0));
        let counter = polls.clone();
        let run = exercise::observe(async move {
            let (_, queue) = queue_of(&["comet"]).await;
            let _comet = queue.receive().await;
            let mut receive = pin!(queue.receive());
            let counted = poll_fn(|context| {
                counter.fetch_add(1, SeqCst);
                receive.as_mut().poll(context)
            });
            let _ = timeout(9.secs(), counted).await;
        });
        let polls = polls.load(SeqCst);
        run.require(
            polls < 10,
            format!("a `receive` that waited for 9 s was polled {polls} times"),
            "fewer than 10 times",
            "It looks at the state again and again: wait until it has changed, or a delivery expires.",
        );
    }

    #[test]
    fn point_5a_an_image_that_ends_every_worker_is_a_dead_letter() {
        let run = exercise::observe(async {
            let (_, queue) = queue_of(&["comet", "moon"]).await;
            let mut seen = Vec::new();
            for _ in 0..5 {
                let delivery = timeout(1.secs(), queue.receive()).await;
                let image = delivery.map_or("nothing".to_owned(), |it| it.image.clone());
                // Only comet ends its worker.
                if image == "moon" {
                    seen.push(image);
                    break;
                }
                seen.push(image);
                sleep(ACK_WAIT + 2.secs()).await;
            }
            (seen, queue.dead_letters())
        });
        let (seen, dead) = run.output();
        run.require(
            seen == &["comet", "comet", "comet", "moon"],
            format!("with `max_deliver` 3, {seen:?} were delivered"),
            r#"["comet", "comet", "comet", "moon"]"#,
            "Count the deliveries of each image. The first one counts too.",
        );
        run.require(
            dead == &["comet"],
            format!("the dead letters are {dead:?}"),
            r#"["comet"]"#,
            "When the last allowed delivery has expired, the image is a dead letter.",
        );
    }

    #[test]
    fn point_5b_the_deliveries_are_counted_across_power_failures() {
        let run = exercise::observe(async {
            let (mut disk, _) = queue_of(&["comet", "moon"]).await;
            let mut seen = Vec::new();
            for _ in 0..4 {
                let queue = Queue::open(disk.clone(), 3).await;
                let delivery = timeout(1.secs(), queue.receive()).await;
                seen.push(delivery.map_or("nothing".to_owned(), |it| it.image.clone()));
                disk = power_failure(&disk);
            }
            let queue = Queue::open(disk, 3).await;
            (seen, queue.dead_letters())
        });
        let (seen, dead) = run.output();
        run.require(
            seen == &["comet", "comet", "comet", "moon"],
            format!("each delivery ended with a power failure, and they were {seen:?}"),
            r#"["comet", "comet", "comet", "moon"]"#,
            "Comet may be the cause of the power failures. A delivery is a record too, and is stored \
             before `receive` returns.",
        );
        run.require(
            dead == &["comet"],
            format!("after the last power failure, the dead letters are {dead:?}"),
            r#"["comet"]"#,
            "Its deliveries are in the journal: from them `open` knows that it is a dead letter.",
        );
    }

    #[test]
    fn point_6a_a_sync_that_began_earlier_does_not_count() {
        for wait in [1.ms(), 5.ms(), 9.ms()] {
            let run = exercise::observe(async move {
                let (disk, queue) = queue_of(&[]).await;
                let second = async {
                    sleep(wait).await;
                    queue.publish("moon").await;
                    power_failure(&disk)
                };
                let disk = join!(queue.publish("comet"), second).1;
                drain(&Queue::open(disk, 3).await).await
            });
            run.require(
                run.output() == &["comet", "moon"],
                format!(
                    "moon was published while a `sync` ran, and after a power failure {:?} are delivered",
                    run.output()
                ),
                r#"["comet", "moon"]"#,
                "The `sync` that ran had begun before moon was written: it stores comet only.",
            );
        }
    }

    #[test]
    fn point_6b_one_sync_is_enough_for_many() {
        let run = exercise::observe(async {
            let (disk, queue) = queue_of(&[]).await;
            let before = disk.syncs();
            let names = (0..100).map(|number| format!("image-{number}"));
            let names: Vec<_> = names.collect();
            join_all(names.iter().map(|name| queue.publish(name))).await;
            let syncs = disk.syncs() - before;
            (syncs, drain_after_power_failure(&disk).await.len())
        });
        let (syncs, left) = *run.output();
        run.require(
            left == 100,
            format!(
                "of 100 images that were published, {left} are left after a power failure"
            ),
            "100",
            "A `sync` that began before the `write` of an image does not store it.",
        );
        run.require(
            syncs <= 5,
            format!("100 calls of `publish` at the same time needed {syncs} times `sync`"),
            "at most 5",
            "Write first. While another call awaits a `sync`, wait for its end, and then look whether \
             that one has stored your record, or it needs another one, for all that wait.",
        );
    }

    /// What the world around the queue knows.
    #[derive(Default)]
    struct Known {
        /// What `publish` has returned for.
        published: Mutex<Vec<&'static str>>,
        /// What a worker has uploaded, and for what `acknowledge` has returned.
        uploaded: Mutex<Vec<String>>,
        acknowledged: Mutex<Vec<String>>,
    }

    impl Known {
        async fn publish(&self, queue: &Queue, image: &'static str) {
            queue.publish(image).await;
            self.published.lock().unwrap().push(image);
        }

        async fn work(&self, queue: &Queue) {
            let delivery = queue.receive().await;
            let image = delivery.image.clone();
            sleep(5.ms()).await;
            self.uploaded.lock().unwrap().push(image.clone());
            queue.acknowledge(delivery).await;
            self.acknowledged.lock().unwrap().push(image);
        }

        /// What is wrong with a queue that still delivers these images.
        fn compare(&self, left: &[String]) -> Result<(), String> {
            let uploaded = self.uploaded.lock().unwrap();
            let published = self.published.lock().unwrap();
            let is_lost =
                |image: &str| !left.iter().chain(&*uploaded).any(|it| it == image);
            if let Some(image) = published.iter().find(|image| is_lost(image)) {
                return Err(format!("{image} was published, and is lost"));
            }
            let acknowledged = self.acknowledged.lock().unwrap();
            match acknowledged.iter().find(|image| left.contains(image)) {
                None => Ok(()),
                Some(image) => {
                    Err(format!("{image} was acknowledged, and is delivered again"))
                }
            }
        }
    }

    /// Cancels a caller of all three functions everywhere, while another task publishes too.
    #[track_caller]
    fn cancelled_everywhere(
        check: impl AsyncFn(&Disk, &Queue, &Known) -> Result<(), String>,
        likely: &str,
    ) {
        exercise::cancelled_everywhere(
            async || {
                let (disk, queue) = queue_of(&[]).await;
                let known = Arc::new(Known::default());
                let (other, knows) = (queue.clone(), known.clone());
                spawn(async move {
                    for image in ["venus", "mars", "pluto"] {
                        sleep(12.ms()).await;
                        knows.publish(&other, image).await;
                    }
                });
                (disk, queue, known)
            },
            async |(_, queue, known)| {
                known.publish(queue, "comet").await;
                known.work(queue).await;
                known.publish(queue, "moon").await;
                known.work(queue).await;
            },
            async |(disk, queue, known)| check(disk, queue, known).await,
            likely,
        );
    }

    #[test]
    fn point_7a_a_cancelled_call_blocks_no_other_one() {
        cancelled_everywhere(
            async |_, queue, known| {
                let published = known.published.lock().unwrap().clone();
                let others = ["venus", "mars", "pluto"];
                if let Some(image) = others.iter().find(|it| !published.contains(it)) {
                    return Err(format!(
                        "`publish` of {image} in another task has not returned"
                    ));
                }
                match timeout(1.secs(), queue.publish("saturn")).await {
                    Ok(()) => Ok(()),
                    Err(_) => Err("a new `publish` did not return in 1 s".to_owned()),
                }
            },
            "The call that was cancelled awaited a `sync` for others too. They wait for a call that does \
             not exist any more: what it holds must be released when it is dropped.",
        );
    }

    #[test]
    fn point_7b_a_cancelled_call_changes_nothing_else() {
        cancelled_everywhere(
            async |_, queue, known| known.compare(&drain(queue).await),
            "Between two awaits, the state must be right: an image that is taken out and not yet \
             delivered is lost when its future is dropped.",
        );
    }

    #[test]
    fn point_7c_a_power_failure_after_any_step_loses_nothing() {
        cancelled_everywhere(
            async |disk, _, known| {
                for kept in 0.. {
                    let Some(disk) = disk.after_power_failure(kept) else { break };
                    known.compare(&drain(&Queue::open(disk, 3).await).await)?;
                }
                Ok(())
            },
            "What a call reports must be stored by then, whatever else is written or cancelled.",
        );
    }
}
