//! The callers' side of the demo: many by `SIPp` and two phones meet, and the phones tell what they heard.

use std::fmt;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use http::Method;
use tokio::time::sleep;

use crate::audio::Heard;
use crate::caller::Caller;
use crate::fixture::Lab;
use crate::phone::Phone;
use crate::sipp::SippRun;

/// What `SIPp`'s callers say, and the two phones.
const CROWD: u32 = 350;
const ANNA: u32 = 440;
const BERT: u32 = 620;

/// How long all are in the room before the phones listen: beeps and music are over then.
const SETTLE: Duration = Duration::from_secs(3);
const LISTEN: Duration = Duration::from_secs(3);
const STAY: Duration = Duration::from_secs(12);

/// What was seen and heard. It prints as the demo's last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// How many called in, the phones included.
    pub callers: u32,
    /// In how many conferences they were.
    pub conferences: usize,
    /// Whether each phone heard the others and not itself.
    pub both_ways: bool,
}

impl Proof {
    /// Whether all is as it should be.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.both_ways && self.conferences == 1
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let conferences = if self.conferences == 1 {
            "conference"
        } else {
            "conferences"
        };
        let both_ways = if self.both_ways { "yes" } else { "no" };
        write!(
            f,
            "demo: {} callers, {} {conferences}, audio both ways: {both_ways}",
            self.callers, self.conferences
        )
    }
}

/// Has `crowd` `SIPp` callers and two phones dial `extension` on the lab's server, where a conference program
/// runs, and tells each step by `say`.
///
/// # Errors
/// Fails if a call fails, or if a channel or bridge is left when all have hung up.
pub async fn meet(lab: &Lab, extension: &str, crowd: u32, say: impl Fn(&str)) -> Result<Proof> {
    say(&format!(
        "{crowd} callers dial {extension}, each with a tone of {CROWD} Hz"
    ));
    let callers = lab
        .sipp(extension)
        .calls(crowd)
        .tone(CROWD)
        .stay(STAY)
        .start()
        .await?;
    say(&format!(
        "anna dials {extension} and says {ANNA} Hz; bert does and says {BERT} Hz"
    ));
    let mut anna = lab
        .phones()
        .call(Caller::new(extension).named("anna").number("1001").tone(ANNA))
        .await?;
    let mut bert = lab
        .phones()
        .call(Caller::new(extension).named("bert").number("1002").tone(BERT))
        .await?;
    sleep(SETTLE).await;
    let conferences = conferences(lab).await?;
    say(&format!(
        "{conferences} conference(s) on the server; both phones listen"
    ));
    let (to_anna, to_bert) = tokio::try_join!(anna.listen(LISTEN), bert.listen(LISTEN))?;
    say(&told("anna", &to_anna));
    say(&told("bert", &to_bert));
    let both_ways = hears(&to_anna, BERT, ANNA) && hears(&to_bert, ANNA, BERT);
    say("all hang up");
    leave(lab, [anna, bert], callers).await?;
    Ok(Proof {
        callers: crowd + 2,
        conferences,
        both_ways,
    })
}

async fn leave(lab: &Lab, phones: [Phone; 2], callers: SippRun) -> Result<()> {
    for mut phone in phones {
        phone.hang_up().await?;
    }
    let counts = callers.finished(STAY * 3).await?;
    if counts.failed > 0 {
        bail!("{} of SIPp's calls failed", counts.failed);
    }
    lab.asterisk().becomes_empty(Duration::from_secs(10)).await
}

/// The bridges in which somebody is.
async fn conferences(lab: &Lab) -> Result<usize> {
    let bridges = lab
        .asterisk()
        .request(Method::GET, "/ari/bridges")
        .await?
        .json()?;
    let bridges = bridges.as_array().context("/ari/bridges is no list")?;
    let has_members =
        |bridge: &&serde_json::Value| bridge["channels"].as_array().is_some_and(|all| !all.is_empty());
    Ok(bridges.iter().filter(has_members).count())
}

fn hears(heard: &Heard, other: u32, own: u32) -> bool {
    heard.holds(CROWD) && heard.holds(other) && heard.lacks(own)
}

fn told(name: &str, heard: &Heard) -> String {
    let parts = [CROWD, ANNA, BERT].map(|hertz| format!("{hertz} Hz {:.1} %", heard.share(hertz) * 100.0));
    format!("{name} heard {}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_says_it_all() {
        let proof = Proof {
            callers: 12,
            conferences: 1,
            both_ways: true,
        };
        assert_eq!(
            proof.to_string(),
            "demo: 12 callers, 1 conference, audio both ways: yes"
        );
        assert!(proof.holds());
        let split = Proof {
            conferences: 2,
            both_ways: false,
            ..proof
        };
        assert_eq!(
            split.to_string(),
            "demo: 12 callers, 2 conferences, audio both ways: no"
        );
        assert!(!split.holds());
    }
}
