//! The stage that is the test double.

use std::time::Duration;

use anyhow::{Result, bail};
use ari_client::testing::{Caller, Ending, FakeAsterisk, Phone};

use crate::action::Action;
use crate::script::Script;
use crate::stage::{
    A_MOMENT, LETTERS, OFFERED, OFFERED_BRIEFLY, Person, Server, Stage, TO_LETTERS, WITH_ARGS,
};

/// A `FakeAsterisk`.
#[derive(Debug)]
pub(crate) struct Fake(FakeAsterisk);

impl Fake {
    pub(crate) async fn set_up(script: &Script) -> Result<Self> {
        let ms = Duration::from_millis;
        let asterisk = FakeAsterisk::builder()
            .sound("sound:beep", ms(100))
            .sound("sound:digits/1", ms(100))
            .sound("sound:tt-monkeys", ms(16_000))
            .missing_sound("sound:no-such-sound")
            .phone("PJSIP/answers", Phone::AnswersAfter(ms(100)))
            .phone("PJSIP/busy", Phone::Busy)
            .phone("PJSIP/rings", Phone::RingsOn);
        let asterisk = match to_letters(script) {
            true => asterisk.dialplan_matches_h(),
            false => asterisk,
        };
        Ok(Self(asterisk.start().await?))
    }
}

/// Whether somebody calls the context whose pattern matches `h`: for the fake, that is a setting of the server.
fn to_letters(script: &Script) -> bool {
    script
        .steps()
        .any(|step| matches!(&step.action, Action::Call { extension, .. } if extension == TO_LETTERS))
}

impl Stage for Fake {
    type Person = Caller;

    fn server(&self) -> Server {
        Server {
            port: self.0.address().port(),
            user: self.0.username().to_owned(),
            password: self.0.password().to_owned(),
        }
    }

    async fn call(&self, name: &str, extension: &str) -> Result<Caller> {
        let broadcast = match extension {
            OFFERED => Some((
                self.0.call(OFFERED).args(["red", "green"]),
                Duration::from_secs(60),
            )),
            OFFERED_BRIEFLY => Some((self.0.call(OFFERED_BRIEFLY), A_MOMENT)),
            _ => None,
        };
        if let Some((call, window)) = broadcast {
            return Ok(call.name(name).broadcast(window).await);
        }
        let call = match extension {
            TO_LETTERS => self.0.call(LETTERS.1).context(LETTERS.0),
            WITH_ARGS => self.0.call(WITH_ARGS).args(["red", "green"]),
            other => self.0.call(other),
        };
        Ok(call.name(name).place("EVERYTHING").await?)
    }
}

impl Person for Caller {
    async fn press(&mut self, keys: &str) -> Result<()> {
        Self::press(self, keys).await;
        Ok(())
    }

    async fn hang_up(&mut self) -> Result<()> {
        Self::hang_up(self).await;
        Ok(())
    }

    async fn answered(&mut self) -> Result<()> {
        Ok(self.wait_until_answered().await?)
    }

    async fn over(&mut self) -> Result<u16> {
        match self.wait_until_gone().await? {
            Ending::HungUp { cause, .. } => Ok(cause),
            // The line after Stasis() is Hangup(), which ends a call as it is: answered normally.
            Ending::Continued { .. } | Ending::NotTaken if self.channel().is_none() => Ok(16),
            other => bail!("{other:?}"),
        }
    }
}
