//! Chaos: what telephony people fear, done to a real Asterisk and a program with live calls.
//!
//! A [`scene`] sets up live calls, has a fault of the [`table`] strike, and looks what became of them: no call may be
//! lost (the [`judge`] says when one is), and nothing may be left behind. The judge asks Asterisk itself, and the
//! tasks of the calls; it never asks the library.
//!
//! Callers who knock while no application is there are counted apart: the dialplan lets them wait, and tries again.

mod faults;
mod house;
mod judge;
mod program;
mod proxy;
mod report;
mod roll;
mod scene;
mod table;
mod watch;

use anyhow::Result;
use ari_client::RestOver;

pub use report::{Report, Row};

use crate::install::Installation;
use house::House;
use table::TABLE;

/// How much chaos there is to be.
#[derive(Debug, Clone, Default)]
pub struct Chaos {
    short: bool,
    only: Option<String>,
    rest: RestOver,
}

impl Chaos {
    /// The short form: fewer calls, and the faults that take little time.
    #[must_use]
    pub fn short(mut self, short: bool) -> Self {
        self.short = short;
        self
    }

    /// Only the faults whose names hold this.
    #[must_use]
    pub fn only(mut self, part: Option<String>) -> Self {
        self.only = part;
        self
    }

    /// What carries the program's requests.
    #[must_use]
    pub fn rest_over(mut self, rest: RestOver) -> Self {
        self.rest = rest;
        self
    }

    /// Starts an Asterisk, and plays the faults; `tell` gets each line of the table as it is known.
    ///
    /// # Errors
    /// Fails if no Asterisk starts, or if a fault cannot be played. What goes wrong in the program is no error here:
    /// the report tells.
    pub async fn run(&self, installation: &Installation, tell: impl Fn(&str)) -> Result<Report> {
        let mut house = House::build(installation, self.rest).await?;
        let crowd = if self.short { 5 } else { 20 };
        let mut report = Report::default();
        tell(&Row::head());
        for fault in TABLE.iter().filter(|fault| self.plays(fault)) {
            let row = scene::play(&house, fault, crowd).await;
            let row = row.inspect_err(|_| house.asterisk.keep_logs())?;
            tell(&row.to_string());
            report.rows.push(row);
        }
        if !report.is_clean() {
            house.asterisk.keep_logs();
        }
        Ok(report)
    }

    fn plays(&self, fault: &table::Fault) -> bool {
        let wanted = self.only.as_ref().is_none_or(|part| fault.name.contains(part));
        wanted && (fault.short || !self.short)
    }
}
