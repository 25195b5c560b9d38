//! What the reader, the calls and the service of one application share.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::SystemTime;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::hearing::Hearing;
use super::interest::EventTypes;
use super::mailbox::{Mailbox, WhenFull};
use super::resync::ComingsAndGoings;
use super::settings::Settings;
use crate::client::Ari;
use crate::handles::{CallEnded, CallState, EndReason, Side};

/// How many bytes of events that no call owns are kept until the application takes them.
const UNOWNED: usize = 4 * 1024 * 1024;

/// One running application: what its reader, its calls and its service share.
pub(super) struct Running<A> {
    pub(super) ari: Ari,
    pub(super) name: Arc<str>,
    pub(super) since: SystemTime,
    pub(super) application: Arc<A>,
    pub(super) settings: Settings,
    /// Whether there is one connection for each call, and this is for one.
    pub(super) per_call: bool,
    /// A channel has entered.
    pub(super) came: CancellationToken,
    /// New calls are turned away.
    pub(super) draining: CancellationToken,
    /// That this Asterisk knows no claims was told.
    pub(super) told_no_claims: AtomicBool,
    /// Live calls are hung up.
    pub(super) terminate: CancellationToken,
    /// Calls that still have a task lose it.
    pub(super) abort: CancellationToken,
    /// Another client took over the application.
    pub(super) replaced: CancellationToken,
    pub(super) tasks: TaskTracker,
    pub(super) unowned: Mailbox,
    /// What proves that Asterisk tells the application anything.
    pub(super) hearing: Hearing,
    /// Channels that came or went while they are being listed.
    pub(super) comings_and_goings: ComingsAndGoings,
    calls: Mutex<Vec<Weak<CallState>>>,
}

impl<A> Running<A> {
    pub(super) fn new(ari: Ari, name: &str, application: Arc<A>, settings: Settings) -> Self {
        let unowned = ari.hub().mailbox(EventTypes::ALL, UNOWNED, WhenFull::DropOldest);
        Self {
            ari,
            name: name.into(),
            since: SystemTime::now(),
            application,
            settings,
            per_call: false,
            came: CancellationToken::new(),
            draining: CancellationToken::new(),
            told_no_claims: AtomicBool::new(false),
            terminate: CancellationToken::new(),
            abort: CancellationToken::new(),
            replaced: CancellationToken::new(),
            tasks: TaskTracker::new(),
            unowned,
            hearing: Hearing::default(),
            comings_and_goings: ComingsAndGoings::default(),
            calls: Mutex::default(),
        }
    }

    /// Ends every call, because no more events come.
    pub(super) fn end_all(&self, reason: EndReason) {
        for call in self.live_calls() {
            call.finish(CallEnded::new(reason, Side::Unknown, None));
        }
    }

    pub(super) fn live_calls(&self) -> Vec<Arc<CallState>> {
        self.calls()
            .iter()
            .filter_map(Weak::upgrade)
            .filter(|call| call.end().is_none())
            .collect()
    }

    pub(super) fn remember(&self, state: &Arc<CallState>) {
        let mut calls = self.calls();
        if calls.len() == calls.capacity() {
            calls.retain(|call| call.strong_count() > 0);
        }
        calls.push(Arc::downgrade(state));
    }

    fn calls(&self) -> MutexGuard<'_, Vec<Weak<CallState>>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
