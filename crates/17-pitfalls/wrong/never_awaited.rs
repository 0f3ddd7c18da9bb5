//! A future that is never awaited is an error if this lint is denied: unused_must_use
#![deny(unused_must_use)]

// ANCHOR: never_awaited
pub async fn close_shop() {
    for customer in ["Ann", "Bob", "Cid"] {
        notify(customer); //~ unused implementer of `Future` that must be used
    }
}
// ANCHOR_END: never_awaited

async fn notify(customer: &str) {
    println!("we close, {customer}");
}
