//! testing3 · 15 minutes · write a check that finds each lost mail
//!
//! An `Inbox` must keep a mail whose reader is cancelled: the next reader gets it. Of the three
//! kinds below one is right, and two lose a mail. `check` is the test of a colleague: it cancels a
//! reader by a timeout, and panics if the mail is lost. It finds neither mistake. Rewrite it:
//! `check` must panic for both wrong kinds, and must not panic for the right one.
//!
//! Section: `cargo run -p testing -- every_cut`. Code: crates/16-testing/src/every_cut.rs.
//! Page: docs/src/16-testing.md.

use std::{collections::VecDeque, sync::Mutex, thread};

use async_kit::{Lane, Millis, exercise, say, virtual_time};
use tokio::{
    sync::{Notify, oneshot},
    time::{sleep, timeout},
};

// TODO: cancel the reader at every point where it can be cancelled.
fn check<I: Inbox>() {
    virtual_time(async {
        let inbox = I::default();
        assert!(timeout(10.ms(), inbox.read()).await.is_err());
        inbox.deliver(7);
        assert_eq!(timeout(1.secs(), inbox.read()).await, Ok(7), "the mail is lost");
    });
}

/// Given code from here on: do not change it.
trait Inbox: Default + Send + Sync + 'static {
    fn deliver(&self, mail: u32);
    /// Waits for a mail, if there is none.
    fn read(&self) -> impl Future<Output = u32> + Send;
}

/// Right: a reader takes the mail after its last `.await`.
#[derive(Default)]
struct Kept(Mutex<VecDeque<u32>>, Notify);

impl Inbox for Kept {
    fn deliver(&self, mail: u32) {
        self.0.lock().unwrap().push_back(mail);
        self.1.notify_one();
    }

    async fn read(&self) -> u32 {
        loop {
            let mail = self.0.lock().unwrap().pop_front();
            match mail {
                Some(mail) => return mail,
                None => self.1.notified().await,
            }
        }
    }
}

/// Wrong: a reader takes the mail, and then downloads its text.
#[derive(Default)]
struct Slow(Kept);

impl Inbox for Slow {
    fn deliver(&self, mail: u32) {
        self.0.deliver(mail);
    }

    async fn read(&self) -> u32 {
        let mail = self.0.read().await;
        sleep(20.ms()).await;
        mail
    }
}

/// Wrong: a mail goes directly to the waiting reader, which may be gone before it is polled again.
#[derive(Default)]
struct Direct(Kept, Mutex<Option<oneshot::Sender<u32>>>);

impl Inbox for Direct {
    fn deliver(&self, mail: u32) {
        let reader = self.1.lock().unwrap().take();
        match reader.map_or(Err(mail), |reader| reader.send(mail)) {
            Ok(()) => {}
            Err(mail) => self.0.deliver(mail),
        }
    }

    async fn read(&self) -> u32 {
        let (reader, mail) = oneshot::channel();
        let kept = self.0.0.lock().unwrap().pop_front();
        match kept {
            Some(mail) => return mail,
            None => *self.1.lock().unwrap() = Some(reader),
        }
        mail.await.expect("the inbox keeps one end")
    }
}

/// Whether `check` accepts an inbox. `check` runs on its own thread, because it starts a runtime.
async fn accepts<I: Inbox>() -> bool {
    let (send, ended) = oneshot::channel();
    thread::spawn(|| {
        check::<I>();
        // A panic drops `send` before this line.
        send.send(())
    });
    ended.await.is_ok()
}

fn main() {
    exercise::show_in_real_time(async {
        say!("`check` panics for a wrong kind. Those panics are wanted:");
        say!("Kept is accepted: {}", accepts::<Kept>().lane("Kept").await);
        say!("Slow is accepted: {}", accepts::<Slow>().lane("Slow").await);
        say!("Direct is accepted: {}", accepts::<Direct>().lane("Direct").await);
    });
}

#[cfg(test)]
mod tests {
    use async_kit::exercise;

    use super::{Direct, Inbox, Kept, Slow, accepts};

    #[track_caller]
    fn panics<I: Inbox>(wanted: bool, happened: &str, likely: &str) {
        let run = exercise::observe_in_real_time(accepts::<I>());
        let expected = if wanted { "it panics" } else { "it does not panic" };
        run.require(*run.output() != wanted, happened, expected, likely);
    }

    #[test]
    fn check_1_accepts_the_inbox_that_keeps_its_mail() {
        panics::<Kept>(
            false,
            "your check panics for `Kept`, which is right; its panic is above",
            "Begin with an empty inbox, so that the reader waits, and let a task deliver \
             the mail later. If the first reader has returned the mail, it was not cancelled, \
             and there is no mail for a second one.",
        );
    }

    #[test]
    fn check_2_refuses_the_inbox_whose_reader_takes_a_mail_and_waits() {
        panics::<Slow>(
            true,
            "your check accepts `Slow`, whose reader is cancelled while it downloads",
            "The reader of your check is cancelled only before it has taken a mail, or the \
             check does not look for the mail afterwards.",
        );
    }

    #[test]
    fn check_3_refuses_the_inbox_that_gives_a_mail_to_one_reader() {
        panics::<Direct>(
            true,
            "your check accepts `Direct`, whose reader is cancelled after it was woken",
            "A timeout cancels a reader while it waits, and so does `abort` during the \
             download. This mail is lost when the reader was woken, and is dropped before \
             it is polled again; `cancel_at_every_await` tests this moment too. If you use \
             it already: is the mail delivered while the reader waits?",
        );
    }
}
