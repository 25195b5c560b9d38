//! All faults.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use anyhow::Result;

use super::faults::{callers, handlers, programs, replies, server, socket};
use super::scene::Scene;

/// What a fault does, until what it broke is whole again.
type Strike = for<'s> fn(&'s mut Scene<'_>) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 's>>;

/// Something that goes wrong.
#[derive(Clone, Copy)]
pub(super) struct Fault {
    pub(super) name: &'static str,
    /// It belongs to the short form.
    pub(super) short: bool,
    /// How long the program may take until all is well again.
    pub(super) patience: Duration,
    pub(super) strike: Strike,
}

/// Where the socket's end is seen: the first tries follow each other within a second. Asterisk may leave the next socket
/// without events, which takes some four seconds more.
const SOON: Duration = Duration::from_secs(8);
/// Where nothing tells that requests get through again: they are tried every 4 s.
const TRIED: Duration = Duration::from_secs(6);
/// Where Asterisk refused to talk, or sockets died young: tries get rarer, 30 s apart at most.
const LATER: Duration = Duration::from_secs(35);

const fn fault(name: &'static str, patience: Duration, strike: Strike) -> Fault {
    Fault {
        name,
        short: true,
        patience,
        strike,
    }
}

const fn long(fault: Fault) -> Fault {
    Fault {
        short: false,
        ..fault
    }
}

/// The faults, in the order in which they are played.
pub(super) const TABLE: &[Fault] = &[
    fault("socket cut", SOON, |scene| Box::pin(socket::cut(scene))),
    fault("socket cut many times in a row", LATER, |scene| {
        Box::pin(socket::flapping(scene))
    }),
    long(fault("half-open socket", LATER, |scene| {
        Box::pin(socket::half_open(scene))
    })),
    fault("events come late", SOON, |scene| Box::pin(socket::late(scene))),
    fault("callers hang up meanwhile", SOON, |scene| {
        Box::pin(callers::hang_up(scene))
    }),
    fault("callers come meanwhile", SOON, |scene| {
        Box::pin(callers::come(scene))
    }),
    fault("burst of calls at a reconnect", SOON, |scene| {
        Box::pin(callers::burst_at_reconnect(scene))
    }),
    fault("cuts in a burst of calls", SOON, |scene| {
        Box::pin(callers::cuts_in_a_burst(scene))
    }),
    fault("Asterisk restarted", SOON, |scene| {
        Box::pin(server::restarted(scene))
    }),
    long(fault("Asterisk killed", SOON, |scene| {
        Box::pin(server::killed(scene))
    })),
    fault("Asterisk stopped for 5 s", SOON, |scene| {
        Box::pin(server::stopped(scene))
    }),
    fault("Asterisk reloaded", SOON, |scene| {
        Box::pin(server::reloaded(scene))
    }),
    fault("password changed", LATER, |scene| {
        Box::pin(server::password(scene))
    }),
    fault("sessionlimit reached", SOON, |scene| {
        Box::pin(server::session_limit(scene))
    }),
    fault("slow replies", SOON, |scene| Box::pin(replies::slow(scene))),
    fault("replies broken off", TRIED, |scene| {
        Box::pin(replies::broken_off(scene))
    }),
    long(fault("events come, requests fail", TRIED, |scene| {
        Box::pin(replies::refused(scene))
    })),
    fault("handlers panic", SOON, |scene| Box::pin(handlers::panic(scene))),
    fault("handlers return errors", SOON, |scene| {
        Box::pin(handlers::fail(scene))
    }),
    fault("handlers block their threads", SOON, |scene| {
        Box::pin(handlers::block(scene))
    }),
    fault("handlers flood", SOON, |scene| Box::pin(handlers::flood(scene))),
    fault("slow application, many calls", SOON, |scene| {
        Box::pin(handlers::slow(scene))
    }),
    fault("application replaced", SOON, |scene| {
        Box::pin(programs::replaced(scene))
    }),
    long(fault("program stopped while cut off", SOON, |scene| {
        Box::pin(programs::stopped(scene))
    })),
    fault("program killed, next one started", SOON, |scene| {
        Box::pin(programs::killed(scene))
    }),
    long(fault(
        "programs killed and started again and again",
        SOON,
        |scene| Box::pin(programs::killed_again_and_again(scene)),
    )),
];
