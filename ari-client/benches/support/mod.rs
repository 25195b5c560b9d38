//! What the benches have in common: a server in a process of its own, and comparisons of CPU time.
#![allow(dead_code, reason = "each bench uses a part")]

pub(crate) mod alone;
pub(crate) mod bare;
pub(crate) mod flooder;
pub(crate) mod live;
pub(crate) mod models;
pub(crate) mod ratio;

#[path = "../../tests/support/corpus.rs"]
pub(crate) mod corpus;
#[path = "../../tests/support/server.rs"]
pub(crate) mod server;

use criterion::Criterion;

use ratio::Multiple;

/// Runs a bench as the command line sets it; in the server's process, the server.
pub(crate) fn run(bench: impl FnOnce(&mut Criterion<Multiple>)) {
    if flooder::serve() {
        return;
    }
    let mut criterion = ratio::criterion();
    bench(&mut criterion);
    criterion.final_summary();
}
