//! A question carries the way back for its answer, and both ends learn when the other gives up.
//!
//! asyncio: a `Future` in the message; one that nobody resolves is awaited for ever. Tokio:
//! `oneshot`: a dropped sender is an error for the asker, a dropped receiver is seen by the
//! clerk. The clerk alone owns its figures, so there is nothing to lock.

use async_kit::{Lane, Millis, say};
use tokio::{
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};

/// Ann gets her answer, Bob gives up before his, Cid's question is beyond the clerk.
pub(crate) async fn run() -> anyhow::Result<()> {
    ask_around().await
}

// ANCHOR: answers
struct Question {
    number: u32,
    answer: oneshot::Sender<u32>,
}

async fn ask_around() -> anyhow::Result<()> {
    let (desk, questions) = mpsc::channel(8);
    let clerk = tokio::spawn(work(questions).lane("clerk"));
    let ann = tokio::spawn(ask(desk.clone(), 2).try_lane("ann"));
    let bob = tokio::spawn(give_up_on(desk.clone(), 3).try_lane("bob"));
    let cid = tokio::spawn(ask(desk, 13).try_lane("cid"));
    ann.await??;
    bob.await??;
    cid.await??;
    clerk.await?;
    Ok(())
}

async fn ask(desk: mpsc::Sender<Question>, number: u32) -> anyhow::Result<()> {
    let (answer, answered) = oneshot::channel();
    desk.send(Question { number, answer }).await?;
    match answered.await {
        Ok(square) => say!("{number} times {number} is {square}"),
        Err(_) => say!("no answer will come"),
    }
    Ok(())
}

async fn work(mut questions: mpsc::Receiver<Question>) {
    while let Some(Question { number, answer }) = questions.recv().await {
        if answer.is_closed() {
            say!("nobody waits for {number} any more");
            continue;
        }
        sleep(30.ms()).step("working it out").await;
        if number < 10 {
            // An error here would say that the asker has left meanwhile.
            let _ = answer.send(number * number);
        }
        // An answer that was not sent is dropped here, which the asker is told.
    }
}
// ANCHOR_END: answers

async fn give_up_on(desk: mpsc::Sender<Question>, number: u32) -> anyhow::Result<()> {
    let asked = timeout(20.ms(), ask(desk, number)).await;
    asked.unwrap_or_else(|_| {
        say!("gives up");
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn seen() -> Transcript {
        virtual_time(Transcript::of(ask_around()))
    }

    #[test]
    fn an_answer_comes_back_to_the_one_who_asked() {
        seen().assert_at(30.ms(), "ann 2 times 2 is 4");
    }

    #[test]
    fn the_clerk_does_no_work_for_an_asker_who_has_given_up() {
        let seen = seen();
        seen.assert_at(20.ms(), "bob gives up");
        seen.assert_at(30.ms(), "clerk nobody waits for 3 any more");
        assert_eq!(seen.elapsed(), 60.ms(), "two questions were worked out: {seen}");
    }

    #[test]
    fn an_asker_is_told_that_no_answer_will_come() {
        seen().assert_at(60.ms(), "cid no answer will come");
    }
}
