//! All event frames that came, from whichever socket, in the order in which they came.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use bytes::Bytes;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::lacks::{Lacks, NotOffered};

/// How long an event may take to come.
const PATIENCE: Duration = Duration::from_secs(8);

/// The frames seen so far.
#[derive(Debug, Default)]
pub(super) struct Watch {
    frames: Mutex<Vec<Bytes>>,
    count: watch::Sender<usize>,
    lacks: Lacks,
}

/// A place in the stream of events: what comes after it is not yet seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark(usize);

impl Watch {
    pub(super) fn new(lacks: Lacks) -> Arc<Self> {
        let (frames, count) = Default::default();
        Arc::new(Self { frames, count, lacks })
    }

    pub(super) fn add(&self, frame: Bytes) {
        let mut frames = self.frames();
        frames.push(frame);
        self.count.send_replace(frames.len());
    }

    pub(super) fn all(&self) -> Vec<Bytes> {
        self.frames().clone()
    }

    /// The place before the first event.
    pub(super) fn beginning() -> Mark {
        Mark(0)
    }

    pub(super) fn mark(&self) -> Mark {
        Mark(self.frames().len())
    }

    /// Ends a step here if this Asterisk has no event of that kind.
    pub(super) fn needs(&self, kind: &str) -> Result<()> {
        ensure!(!self.lacks.event(kind), NotOffered(kind.to_owned()));
        Ok(())
    }

    /// Waits for an event of `kind` after `mark` for which `wanted` holds.
    pub(super) async fn wait(
        &self,
        mark: Mark,
        kind: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        self.needs(kind)?;
        let end = Instant::now() + PATIENCE;
        let mut count = self.count.subscribe();
        let mut next = mark.0;
        loop {
            let news = self.frames().get(next..).unwrap_or_default().to_vec();
            next += news.len();
            let events = news
                .iter()
                .filter_map(|frame| serde_json::from_slice::<Value>(frame).ok());
            if let Some(event) = { events }.find(|event| event["type"] == kind && wanted(event)) {
                return Ok(event);
            }
            let more = count.wait_for(|count| *count > next);
            if !matches!(timeout_at(end, more).await, Ok(Ok(_))) {
                bail!("no such {kind} within {PATIENCE:?}, only {}", self.kinds(mark));
            }
        }
    }

    /// The types of the events since `mark`.
    fn kinds(&self, mark: Mark) -> String {
        let frames = self.all();
        let kind = |frame: &Bytes| {
            let event: Value = serde_json::from_slice(frame).unwrap_or_default();
            event["type"].as_str().unwrap_or("?").to_owned()
        };
        frames
            .iter()
            .skip(mark.0)
            .map(kind)
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn frames(&self) -> MutexGuard<'_, Vec<Bytes>> {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_event_is_found_behind_the_mark_only() {
        let watch = Watch::new(Lacks::default());
        watch.add(r#"{"type":"Dial","n":1}"#.into());
        let mark = watch.mark();
        let late = Arc::clone(&watch);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            late.add("no event".into());
            late.add(r#"{"type":"Dial","n":2}"#.into());
        });
        assert_eq!(watch.wait(mark, "Dial", |_| true).await.unwrap()["n"], 2);
        let error = watch
            .wait(mark, "Dial", |event| event["n"] == 3)
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), "no such Dial within 8s, only ?, Dial");
    }
}
