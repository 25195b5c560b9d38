//! One fault, from the first call to the last.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use ari_client::EndReason;
use tokio::time::{Instant, sleep};

use super::house::House;
use super::program::{Manners, Program};
use super::report::Row;
use super::roll::Roll;
use super::table::Fault;
use super::watch::Watch;
use crate::sipp::{Sipp, SippRun};

/// How long calls may take to come up, where nothing is broken.
const UP: Duration = Duration::from_secs(20);
/// How long Asterisk may take to be empty when everybody has left.
const EMPTY: Duration = Duration::from_secs(15);
/// How long callers stay who hang up during a fault: long enough for a crowd of them to be there at once.
pub(super) const BRIEF: Duration = Duration::from_secs(2);
/// How long callers stay who come when all is over.
const VISIT: Duration = Duration::from_millis(500);
/// The pace of callers who come one after the other, in calls per second.
const PACE: f64 = 50.0;

/// The stage of one fault: a program with live calls.
pub(super) struct Scene<'h> {
    pub(super) house: &'h House,
    /// How many calls there are of each sort.
    pub(super) crowd: u32,
    pub(super) roll: Roll,
    pub(super) watch: Watch,
    programs: Vec<Program>,
    started: u32,
    callers: Vec<SippRun>,
    calls: u32,
}

/// Plays one fault, and says how it went.
pub(super) async fn play(house: &House, fault: &Fault, crowd: u32) -> Result<Row> {
    let roll = Roll::default();
    let watch = Watch::start(house, &roll);
    let dials = house.proxy.dials();
    let mut scene = Scene {
        house,
        crowd,
        roll,
        watch,
        programs: Vec::new(),
        started: 0,
        callers: Vec::new(),
        calls: 0,
    };
    let mut row = Row::new(fault.name);
    scene.open().await.context("before the fault")?;
    row.note("during the fault", (fault.strike)(&mut scene).await);
    scene.watch.mended();
    match scene.watch.content(fault.patience).await {
        Ok(recovery) => row.recovery = Some(recovery),
        Err(error) => row.note("after the fault", Err(error)),
    }
    row.note("the calls after the fault", scene.visit().await);
    scene.part(&mut row).await?;
    row.calls = scene.calls;
    row.dials = house.proxy.dials() - dials;
    Ok(row)
}

impl Scene<'_> {
    /// The program is there, and has live calls.
    async fn open(&mut self) -> Result<()> {
        self.start_program()?;
        self.watch.content(UP).await?;
        self.call(Manners::Stay, self.crowd, None).await?;
        self.serves(self.crowd).await
    }

    /// Starts a program, beside those that run.
    pub(super) fn start_program(&mut self) -> Result<u32> {
        let number = self.started;
        self.started += 1;
        let program = Program::start(number, &self.house.client()?, &self.roll)?;
        self.programs.push(program);
        Ok(number)
    }

    /// Takes the oldest program off the stage.
    pub(super) fn oldest_program(&mut self) -> Result<Program> {
        ensure!(!self.programs.is_empty(), "no program is on the stage");
        Ok(self.programs.remove(0))
    }

    /// Has callers call, who stay for so long, or until they are hung up.
    pub(super) async fn call(&mut self, manners: Manners, calls: u32, stay: Option<Duration>) -> Result<()> {
        self.call_at(PACE, manners, calls, stay).await
    }

    /// Has callers call, so many in a second.
    pub(super) async fn call_at(
        &mut self,
        pace: f64,
        manners: Manners,
        calls: u32,
        stay: Option<Duration>,
    ) -> Result<()> {
        self.calls += calls;
        let callers = Sipp::new(&self.house.asterisk, manners.extension())
            .calls(calls)
            .rate(pace);
        let callers = match stay {
            Some(stay) => callers.stay(stay),
            None => callers.until_hung_up(),
        };
        self.callers.push(callers.start().await?);
        Ok(())
    }

    /// Has all callers hang up at once.
    pub(super) async fn hang_up_all(&mut self) -> Result<()> {
        self.house.view().hang_up_all().await?;
        self.callers.clear();
        Ok(())
    }

    /// Waits until so many tasks serve calls.
    pub(super) async fn serves(&self, calls: u32) -> Result<()> {
        let end = Instant::now() + UP;
        loop {
            let serving = self.roll.serving();
            if serving >= calls as usize {
                return Ok(());
            }
            if Instant::now() > end {
                bail!("{serving} of {calls} calls have a task after {UP:?}");
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until no more than so many calls are left.
    pub(super) async fn leaves(&self, calls: u32) -> Result<()> {
        let end = Instant::now() + UP;
        loop {
            let left = self.house.view().inventory().await?.in_stasis.len();
            if left <= calls as usize {
                ensure!(left == calls as usize, "{left} of {calls} calls are left");
                return Ok(());
            }
            ensure!(
                Instant::now() < end,
                "{left} calls are left after {UP:?}, not {calls}"
            );
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until somebody knocks.
    pub(super) async fn knocked(&self) -> Result<()> {
        let end = Instant::now() + UP;
        while self.watch.knocked() == 0 {
            ensure!(Instant::now() < end, "nobody knocked within {UP:?}");
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Waits until so many calls were told of an end in this way.
    pub(super) async fn told(&self, calls: u32, program: u32, reason: EndReason) -> Result<()> {
        let end = Instant::now() + UP;
        let told = || {
            let entries = self.roll.entries().into_iter();
            entries
                .filter(|entry| entry.program == program && entry.told == Some(reason))
                .count()
        };
        while told() < calls as usize {
            if Instant::now() > end {
                bail!(
                    "{} of {calls} calls of program {program} were told {reason:?}",
                    told()
                );
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Callers who come when all is over are served as ever.
    pub(super) async fn visit(&mut self) -> Result<()> {
        let calls = self.crowd;
        self.calls += calls;
        let callers = Sipp::new(&self.house.asterisk, Manners::Stay.extension());
        let counts = callers.calls(calls).rate(PACE).stay(VISIT).run().await?;
        ensure!(counts.ok == calls, "{} of {calls} were served", counts.ok);
        Ok(())
    }

    /// Waits until visitors have left nothing behind.
    pub(super) async fn only_the_crowd_is_left(&self) -> Result<()> {
        let end = Instant::now() + EMPTY;
        while self.house.view().bridges().await?.len() > self.crowd as usize {
            ensure!(
                Instant::now() < end,
                "bridges of visitors are left after {EMPTY:?}"
            );
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Everybody leaves, and what is left is counted.
    async fn part(&mut self, row: &mut Row) -> Result<()> {
        self.programs.iter().for_each(Program::everybody_leaves);
        let view = self.house.view();
        let end = Instant::now() + EMPTY;
        loop {
            row.channels = view.inventory().await?.channels.len();
            row.bridges = view.bridges().await?.len();
            if (row.channels, row.bridges) == (0, 0) || Instant::now() > end {
                break;
            }
            sleep(Duration::from_millis(50)).await;
        }
        self.watch.close().await?;
        for program in std::mem::take(&mut self.programs) {
            row.note("at the program's end", program.stop().await);
        }
        row.stuck = self.roll.entries().iter().filter(|entry| !entry.over).count();
        row.lost = self.watch.lost().into_iter().collect();
        row.knocked = self.watch.knocked();
        self.callers.clear();
        view.sweep().await
    }
}
