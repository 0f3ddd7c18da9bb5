//! The task of a reader is aborted during the download, and the moment after it was woken is not tested.
//! message: `abort` during the download.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    thread,
};

use async_kit::{Lane, Millis, exercise, say, virtual_time};
use tokio::{
    sync::{Notify, oneshot},
    time::{sleep, timeout},
};

fn check<I: Inbox>() {
    virtual_time(async {
        let inbox = Arc::new(I::default());
        let waiting = Arc::clone(&inbox);
        let reader = tokio::spawn(async move { waiting.read().await });
        sleep(10.ms()).await;
        inbox.deliver(7);
        sleep(10.ms()).await;
        reader.abort();
        if reader.await.is_err() {
            assert_eq!(timeout(1.secs(), inbox.read()).await, Ok(7));
        }
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
