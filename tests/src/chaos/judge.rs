//! Says which calls are lost.
//!
//! A call is lost when
//! * a channel is in the program's Stasis, and no task serves it, for [`GRACE`];
//! * or a task serves a channel that is not there any more, for [`GRACE`].
//!
//! The time counts while the way is whole: the fault is over, and Asterisk has accepted an event socket that still
//! stands. What is wrong when the way was not whole again, or all was not well again, by the [last](Judge::close) look
//! is lost as well.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use tokio::time::Instant;

use super::roll::Entry;

/// How long the program may be wrong about a call.
pub(super) const GRACE: Duration = Duration::from_secs(5);

/// How a call can be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Wrong {
    /// A live channel has no task.
    NoTask,
    /// A task was not told that its channel is gone.
    NotTold,
}

/// What is there at one moment.
#[derive(Debug, Clone)]
pub(super) struct Sight {
    pub(super) at: Instant,
    /// The fault is over, and an event socket is open.
    pub(super) whole: bool,
    /// The channels in the program's Stasis, as Asterisk says.
    pub(super) channels: BTreeSet<String>,
    /// The tasks, as they say.
    pub(super) tasks: Vec<Entry>,
}

impl Sight {
    /// What is wrong with it.
    fn wrongs(&self) -> BTreeSet<(String, Wrong)> {
        let serving = self.tasks.iter().filter(|task| task.serves());
        let served: BTreeSet<_> = serving.map(|task| task.channel.clone()).collect();
        let but = |those: &BTreeSet<String>, these: &BTreeSet<String>, wrong| -> Vec<_> {
            those.difference(these).map(|id| (id.clone(), wrong)).collect()
        };
        let no_task = but(&self.channels, &served, Wrong::NoTask);
        let not_told = but(&served, &self.channels, Wrong::NotTold);
        no_task.into_iter().chain(not_told).collect()
    }
}

/// Looks at one sight after the other.
#[derive(Debug, Default)]
pub(super) struct Judge {
    /// What is wrong now, and since when, as far as time counts.
    since: HashMap<(String, Wrong), Instant>,
    lost: BTreeSet<(String, Wrong)>,
    content: bool,
}

impl Judge {
    /// Takes one sight into account.
    pub(super) fn look(&mut self, sight: &Sight) {
        let wrongs = sight.wrongs();
        self.content = sight.whole && wrongs.is_empty();
        self.since.retain(|wrong, _| wrongs.contains(wrong));
        for wrong in wrongs {
            let since = self.since.entry(wrong.clone()).or_insert(sight.at);
            if !sight.whole {
                *since = sight.at;
            }
            if sight.at.duration_since(*since) > GRACE {
                self.lost.insert(wrong);
            }
        }
    }

    /// Nothing could be seen.
    pub(super) fn look_in_vain(&mut self) {
        self.content = false;
    }

    /// Whether all was well at the last look: the way whole, a task for each channel and a channel for each task.
    pub(super) fn is_content(&self) -> bool {
        self.content
    }

    /// Counts what is still wrong as lost, whatever the time.
    pub(super) fn close(&mut self) {
        self.lost.extend(self.since.drain().map(|(wrong, _)| wrong));
    }

    /// The calls that were lost so far, each with how.
    pub(super) fn lost(&self) -> &BTreeSet<(String, Wrong)> {
        &self.lost
    }
}

#[cfg(test)]
mod tests {
    use ari_client::EndReason;

    use super::*;
    use crate::chaos::roll::Roll;

    const MOMENT: Duration = Duration::from_millis(100);

    struct Court {
        judge: Judge,
        roll: Roll,
        at: Instant,
    }

    impl Court {
        fn new() -> Self {
            Self {
                judge: Judge::default(),
                roll: Roll::default(),
                at: Instant::now(),
            }
        }

        fn look(&mut self, later: Duration, whole: bool, channels: &[&str]) -> Vec<(String, Wrong)> {
            self.at += later;
            self.judge.look(&Sight {
                at: self.at,
                whole,
                channels: channels.iter().map(|id| (*id).to_owned()).collect(),
                tasks: self.roll.entries(),
            });
            self.judge.lost().iter().cloned().collect()
        }
    }

    fn lost(channel: &str, wrong: Wrong) -> Vec<(String, Wrong)> {
        vec![(channel.to_owned(), wrong)]
    }

    #[test]
    fn a_live_channel_without_a_task_is_lost_when_the_grace_is_over() {
        let mut court = Court::new();
        let _task = court.roll.enter(0, "a");
        assert!(court.look(MOMENT, true, &["a", "b"]).is_empty());
        assert!(!court.judge.is_content());
        assert!(court.look(GRACE, true, &["a", "b"]).is_empty());
        assert_eq!(court.look(MOMENT, true, &["a", "b"]), lost("b", Wrong::NoTask));
    }

    #[test]
    fn a_task_that_is_not_told_that_its_channel_is_gone_is_lost() {
        let mut court = Court::new();
        let _task = court.roll.enter(0, "a");
        court.look(MOMENT, true, &[]);
        assert_eq!(court.look(GRACE + MOMENT, true, &[]), lost("a", Wrong::NotTold));
    }

    #[test]
    fn a_channel_whose_task_is_over_or_was_told_of_an_end_that_was_none_is_lost() {
        let mut court = Court::new();
        let told = court.roll.enter(0, "told");
        told.told(EndReason::Lost);
        drop(court.roll.enter(0, "over"));
        court.look(MOMENT, true, &["told", "over"]);
        let lost = court.look(GRACE + MOMENT, true, &["told", "over"]);
        assert_eq!(lost.len(), 2, "{lost:?}");
    }

    #[test]
    fn what_is_mended_within_the_grace_is_not_lost() {
        let mut court = Court::new();
        court.look(MOMENT, true, &["a"]);
        let task = court.roll.enter(0, "a");
        court.look(GRACE, true, &["a"]);
        assert!(court.judge.is_content());
        court.look(MOMENT, true, &[]);
        task.told(EndReason::Lost);
        assert!(court.look(GRACE * 2, true, &[]).is_empty());
        assert!(court.judge.is_content());
    }

    #[test]
    fn time_counts_from_when_the_way_is_whole() {
        let mut court = Court::new();
        court.look(MOMENT, false, &["a"]);
        assert!(court.look(GRACE * 10, false, &["a"]).is_empty());
        assert!(court.look(GRACE, true, &["a"]).is_empty());
        assert_eq!(court.look(MOMENT, true, &["a"]), lost("a", Wrong::NoTask));
    }

    #[test]
    fn nobody_is_content_while_the_way_is_not_whole() {
        let mut court = Court::new();
        court.look(MOMENT, false, &[]);
        assert!(!court.judge.is_content());
    }

    #[test]
    fn what_is_still_wrong_at_the_end_is_lost() {
        let mut court = Court::new();
        assert!(court.look(MOMENT, false, &["a"]).is_empty());
        court.judge.close();
        assert_eq!(
            court.judge.lost().iter().cloned().collect::<Vec<_>>(),
            lost("a", Wrong::NoTask)
        );
    }
}
