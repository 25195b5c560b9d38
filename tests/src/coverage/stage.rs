//! The Asterisk under test, and the application that sees all its events.

use std::ops::Deref;
use std::sync::Arc;

use anyhow::Result;

use super::judge::Judge;
use super::lacks::Lacks;
use super::socket::Socket;
use super::watch::Watch;
use crate::asterisk::Asterisk;

/// The application that sees everything, and that the dialplan knows.
pub(super) const APP: &str = "coverage";

/// Everything that a step needs.
pub(super) struct Stage {
    pub(super) asterisk: Asterisk,
    pub(super) watch: Arc<Watch>,
    judge: Judge,
    _events: Socket,
}

impl Stage {
    pub(super) async fn set(asterisk: Asterisk, lacks: Lacks, watch: Arc<Watch>) -> Result<Self> {
        let judge = Judge::of(asterisk.http_port(), asterisk.username(), asterisk.password()).await?;
        judge.ledger().lacks = lacks;
        let events = Socket::open(&asterisk, &format!("app={APP}&subscribeAll=true"), &watch).await?;
        Ok(Self {
            asterisk,
            watch,
            judge,
            _events: events,
        })
    }
}

impl Deref for Stage {
    type Target = Judge;

    fn deref(&self) -> &Judge {
        &self.judge
    }
}
