//! A scope does not accept a resource without a `Release` implementation: E0277
// ANCHOR: no_release
pub struct Session;

impl Session {
    pub async fn release_resource(self) {}
}

pub fn job() {
    with(Session, async |_| ()); //~ the trait bound `Session: Release` is not satisfied
}
// ANCHOR_END: no_release

pub trait Release: Send + 'static {
    fn release(self) -> impl Future<Output = ()> + Send;
}

/// Has the same bounds as `scope::with`.
fn with<R: Release>(resource: R, body: impl AsyncFnOnce(&mut R)) {
    drop((resource, body));
}
