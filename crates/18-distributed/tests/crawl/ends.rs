//! A member that ends early leaves its work to the others, immediately if it can.

use std::sync::Arc;

use async_kit::{Millis, TimeLimit, virtual_time};
use crawler::{Address, Failure, Response, Robots, engine::Fetch, fake::FakeWeb};
use distributed::crawl::{CrawlError, crawl};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::{
    same_result::site,
    support::{START, end, in_memory, member, options, plain, plan, requests, shared},
};

#[test]
fn a_member_that_is_asked_to_stop_finishes_its_requests_and_passes_the_rest_on() {
    for after in [1, 15, 25, 45, 75, 300] {
        virtual_time(async move {
            let plan = plan(&[START]);
            let expected = plain(&site(), &plan).await;
            // Its clock begins now.
            let together = site();
            let (broker, stop, began) =
                (in_memory(), CancellationToken::new(), Instant::now());
            let stopped = {
                let (broker, web, plan) =
                    (Arc::clone(&broker), together.clone(), plan.clone());
                let stop = stop.clone();
                tokio::spawn(async move {
                    crawl(&*broker, web, &plan, &options(), &stop).await
                })
            };
            sleep(after.ms()).await;
            stop.cancel();
            end(stopped).await;
            assert!(
                began.elapsed() < 500.ms(),
                "it waits for nothing: {:?}",
                began.elapsed()
            );
            let next = began.elapsed();
            end(member(&broker, together.clone(), &plan, options())).await;
            assert_eq!(shared(&broker).await, expected, "after {after} ms");
            // The next scheduler waits for no `ack_wait`.
            let soon = next.as_millis()..(next + 50.ms()).as_millis();
            let times = together.requests().into_iter().map(|request| {
                let (at, _) = request.split_once(' ').expect("a time");
                at.parse::<u128>().expect("a number")
            });
            let is_soon = times.into_iter().any(|at| soon.contains(&at));
            assert!(is_soon, "after {after} ms: {:?}", together.requests());
            let twice = requests(&together).into_iter().filter(|(page, times)| {
                !page.ends_with("/fails") && !page.ends_with("/recovers") && *times > 1
            });
            assert_eq!(twice.count(), 0, "after {after} ms: {:?}", together.requests());
        });
    }
}

/// A web of which this machine cannot save the pages.
struct FullDisk(FakeWeb);

impl Fetch for FullDisk {
    async fn robots(&self, address: &Address) -> Result<Robots, Failure> {
        self.0.robots(address).await
    }

    async fn page(&self, _: &Address) -> Result<Response, Failure> {
        Err(Failure::Local("the disk is full".into()))
    }
}

#[test]
fn a_member_whose_machine_fails_ends_with_the_reason_and_the_others_do_its_work() {
    virtual_time(async {
        let (alone, together, plan) = (site(), site(), plan(&[START]));
        let expected = plain(&alone, &plan).await;
        let broker = in_memory();
        let full = member(&broker, FullDisk(together.clone()), &plan, options());
        let full = full.within(600.secs()).await.expect("it ends").expect("no panic");
        let Err(CrawlError::Local(why)) = full else { panic!("{full:?}") };
        assert_eq!(why, "http://h/: the disk is full");
        end(member(&broker, together.clone(), &plan, options())).await;
        assert_eq!(shared(&broker).await, expected);
        assert!(requests(&together)["h/"] == 1, "{:?}", together.requests());
    });
}

/// A web of which this machine cannot save one page.
struct OneUnsaved(FakeWeb);

impl Fetch for OneUnsaved {
    async fn robots(&self, address: &Address) -> Result<Robots, Failure> {
        self.0.robots(address).await
    }

    async fn page(&self, address: &Address) -> Result<Response, Failure> {
        if address.as_str() == "http://h/c" {
            return Err(Failure::Local("the disk is full".into()));
        }
        self.0.page(address).await
    }
}

/// A process that is started again and again on the same machine.
#[test]
fn a_page_does_not_fail_because_machines_fail() {
    virtual_time(async {
        let (web, plan, broker) = (site(), plan(&[START]), in_memory());
        for _ in 0..10 {
            let full = member(&broker, OneUnsaved(web.clone()), &plan, options());
            let ended =
                full.within(600.secs()).await.expect("it ends").expect("no panic");
            let Err(CrawlError::Local(why)) = ended else { panic!("{ended:?}") };
            assert_eq!(why, "http://h/c: the disk is full");
        }
        end(member(&broker, web, &plan, options())).await;
        assert_eq!(shared(&broker).await, plain(&site(), &plan).await);
    });
}
