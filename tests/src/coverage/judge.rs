//! How operations are called and judged: by typed bindings on this side of a proxy, by what it saw on the other.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use ari_client::request::Operation;
use ari_client::{Ari, Error};
use serde::Serialize;
use serde_json::Value;
use tokio::time::timeout;

use super::facts::Facts;
use super::lacks::NotOffered;
use super::ledger::Ledger;
use super::lossless::losses;
use super::proxy::{Exchange, Proxy};

/// The password is never this one: it holds spaces.
const WRONG_PASSWORD: &str = "not the password";
/// How long a step may take.
const STEP: Duration = Duration::from_secs(30);

/// A typed operation that a client sends.
pub(super) trait Call:
    Operation + IntoFuture<Output = Result<<Self as Operation>::Output, Error>>
{
}

impl<T> Call for T where T: Operation + IntoFuture<Output = Result<<T as Operation>::Output, Error>> {}

/// Calls operations of one server, and writes down what was seen.
pub(super) struct Judge {
    /// The client that is tested.
    pub(super) ari: Ari,
    /// The same with a wrong password.
    pub(super) stranger: Ari,
    pub(super) facts: Facts,
    ledger: Mutex<Ledger>,
    proxy: Proxy,
    /// One call at a time, so that what passes the proxy belongs to it.
    turn: tokio::sync::Mutex<()>,
}

impl Judge {
    /// A judge of the server at `port` of 127.0.0.1.
    pub(super) async fn of(port: u16, username: &str, password: &str) -> Result<Self> {
        let proxy = Proxy::start(port).await?;
        let client = |password: &str| {
            let builder = Ari::builder(proxy.url()).credentials(username, password);
            builder.request_timeout(STEP / 2).build()
        };
        let (ari, stranger) = (client(password)?, client(WRONG_PASSWORD)?);
        Ok(Self {
            ari,
            stranger,
            facts: Facts::read()?,
            ledger: Mutex::default(),
            proxy,
            turn: tokio::sync::Mutex::default(),
        })
    }

    /// Runs a step. One that fails is noted and stops nothing else; one that needs what is not offered just ends.
    pub(super) async fn step(&self, name: &str, step: impl Future<Output = Result<()>>) {
        let noted = async {
            if let Err(error) = step.await
                && !error.is::<NotOffered>()
            {
                self.ledger().broken.push(format!("{name}: {error:#}"));
            }
        };
        self.within(STEP, name, noted).await;
    }

    /// Gives `work` this long, and notes if that was not enough.
    pub(super) async fn within(&self, limit: Duration, name: &str, work: impl Future<Output = ()>) {
        if timeout(limit, Box::pin(work)).await.is_err() {
            self.ledger()
                .broken
                .push(format!("{name}: not done within {limit:?}"));
        }
    }

    /// Calls an operation that must succeed, and checks that the typed reply holds all that came.
    pub(super) async fn succeeds<C>(&self, call: C) -> Result<<C as Operation>::Output>
    where
        C: Call,
        <C as Operation>::Output: Serialize,
    {
        let (answer, wire) = self.exchange(call).await?;
        let answer = answer.with_context(|| wire.request.clone())?;
        is_success(&wire)?;
        let raw = match &wire.reply.body[..] {
            b"" => Value::Null,
            _ => wire.reply.json()?,
        };
        let losses = losses(&raw, &serde_json::to_value(&answer)?);
        self.ledger().succeeded(C::NAME, &wire.reply, losses);
        Ok(answer)
    }

    /// Calls the one operation whose reply is no JSON: a file.
    pub(super) async fn succeeds_with_bytes<C>(&self, call: C) -> Result<()>
    where
        C: Call + Operation<Output = bytes::Bytes>,
    {
        let (answer, wire) = self.exchange(call).await?;
        let lost = answer.with_context(|| wire.request.clone())? != wire.reply.body;
        is_success(&wire)?;
        let problems = lost.then(|| "the file differs".to_owned());
        self.ledger()
            .succeeded(C::NAME, &wire.reply, problems.into_iter().collect());
        Ok(())
    }

    /// Calls an operation that must fail with this status, which it must name itself.
    pub(super) async fn fails<C: Call>(&self, call: C, status: u16) -> Result<()> {
        let named = &self.facts.operation(C::NAME)?.failures;
        ensure!(
            named.contains(&status),
            "{} names no {status} but {named:?}",
            C::NAME
        );
        self.fails_with(call, status).await
    }

    /// Calls an operation that names no failure as a stranger: by [`Judge::stranger`].
    pub(super) async fn refused<C: Call>(&self, call: C) -> Result<()> {
        let named = &self.facts.operation(C::NAME)?.failures;
        ensure!(named.is_empty(), "{} names failures: {named:?}", C::NAME);
        self.fails_with(call, 401).await
    }

    async fn fails_with<C: Call>(&self, call: C, wanted: u16) -> Result<()> {
        let (answer, wire) = self.exchange(call).await?;
        let status = wire.reply.status.as_u16();
        let Err(error) = answer else {
            bail!("{} was to fail, and its status is {status}", wire.request);
        };
        let told = String::from_utf8_lossy(&wire.reply.body).into_owned();
        ensure!(
            status == wanted,
            "{}: {status} {told}, and it was to be {wanted}",
            wire.request
        );
        self.ledger()
            .failed(C::NAME, &wire.reply, differences(&error, &wire));
        Ok(())
    }

    /// Sends the operation and takes what passed the wire meanwhile.
    async fn exchange<C: Call>(
        &self,
        call: C,
    ) -> Result<(Result<<C as Operation>::Output, Error>, Exchange)> {
        let _turn = self.turn.lock().await;
        self.proxy.take();
        let answer = call.into_future().await;
        let lacking = self.ledger().lacks.operation(C::NAME);
        ensure!(answer.is_ok() || !lacking, NotOffered(C::NAME.to_owned()));
        match <[Exchange; 1]>::try_from(self.proxy.take()) {
            Ok([wire]) => Ok((answer, wire)),
            Err(several) => {
                let answer = answer.err().map(|error| error.to_string()).unwrap_or_default();
                bail!("{}: {} replies on the wire; {answer}", C::NAME, several.len())
            }
        }
    }

    pub(super) fn into_ledger(self) -> Ledger {
        self.ledger.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the status was one of success, whatever the client made of it.
fn is_success(wire: &Exchange) -> Result<()> {
    let status = wire.reply.status;
    ensure!(
        status.is_success(),
        "{}: taken for a success: {status}",
        wire.request
    );
    Ok(())
}

/// What the typed error does not tell as it was on the wire.
fn differences(error: &Error, wire: &Exchange) -> Vec<String> {
    let status = wire.reply.status.as_u16();
    let mut problems = Vec::new();
    if error.status() != Some(status) {
        problems.push(format!("{status} became {:?}", error.status()));
    }
    if error.body() != Some(&wire.reply.body) {
        problems.push(format!("the body of {status} is lost"));
    }
    let told = wire.reply.json().unwrap_or_default();
    let told = told["message"].as_str().or(told["error"].as_str());
    let is_told = |told: &str| !told.is_empty() && error.to_string().contains(told);
    // Of a wrong password the client tells in its own words.
    if status != 401 && !told.is_some_and(is_told) {
        problems.push(format!("{told:?} is not told by {error}"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use ari_client::Resources as _;
    use ari_client::testing::FakeAsterisk;

    async fn set() -> (FakeAsterisk, Judge) {
        let fake = FakeAsterisk::start().await.unwrap();
        let judge = Judge::of(fake.address().port(), fake.username(), fake.password());
        let judge = judge.await.unwrap();
        (fake, judge)
    }

    #[tokio::test]
    async fn what_was_seen_on_the_wire_is_written_down() {
        let (_fake, judge) = set().await;
        judge.succeeds(judge.ari.channels().list()).await.unwrap();
        judge.refused(judge.stranger.channels().list()).await.unwrap();
        judge
            .fails(judge.ari.channels().get("nobody"), 404)
            .await
            .unwrap();
        let ledger = judge.into_ledger();
        let row = &ledger.rows["channels.list"];
        assert_eq!((row.success.status, row.failure.status), (Some(200), Some(401)));
        assert!(row.success.is_covered() && row.failure.is_covered());
        let row = &ledger.rows["channels.get"];
        assert_eq!((row.success.status, row.failure.status), (None, Some(404)));
        assert_eq!(&ledger.replies[&("channels.list", 200)].body[..], b"[]");
    }

    #[tokio::test]
    async fn what_ends_otherwise_than_it_must_is_an_error_and_counts_for_nothing() {
        let (_fake, judge) = set().await;
        let channels = judge.ari.channels();
        let wrong = judge.succeeds(channels.get("nobody")).await.unwrap_err();
        assert_eq!(wrong.to_string(), "GET /ari/channels/nobody");
        let wrong = judge
            .fails(judge.ari.applications().list(), 404)
            .await
            .unwrap_err();
        assert_eq!(wrong.to_string(), "applications.list names no 404 but []");
        let wrong = judge
            .refused(judge.stranger.channels().get("x"))
            .await
            .unwrap_err();
        assert_eq!(wrong.to_string(), "channels.get names failures: [404]");
        let wrong = judge.refused(channels.list()).await.unwrap_err();
        assert_eq!(
            wrong.to_string(),
            "GET /ari/channels was to fail, and its status is 200"
        );
        // Refused, but otherwise than it was to be.
        let wrong = judge
            .fails(judge.stranger.channels().get("x"), 404)
            .await
            .unwrap_err();
        assert!(wrong.to_string().ends_with("and it was to be 404"), "{wrong}");
        assert!(judge.into_ledger().rows.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_that_fails_or_takes_too_long_is_noted() {
        let (_fake, judge) = set().await;
        judge.step("one", async { bail!("broken") }).await;
        judge.step("two", std::future::pending()).await;
        judge.step("three", async { Ok(()) }).await;
        assert_eq!(
            judge.into_ledger().broken,
            ["one: broken", "two: not done within 30s"]
        );
    }
}
