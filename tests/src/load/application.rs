//! The application under load: an ordinary application, that keeps an account of its calls.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use ari_client::prelude::*;
use clap::ValueEnum;

use super::account::{Account, Spread};

/// How long an answered call lasts.
const TALK: Duration = Duration::from_millis(50);

/// How long a caller may take to press a digit.
const THINK: Duration = Duration::from_secs(10);

/// What plays to the caller until a digit is pressed; it is longer than callers are patient.
const PROMPT: &str = "sound:basic-pbx-ivr-main";

/// What the application does in each call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Duty {
    /// Answers, waits for 50 ms, hangs up.
    Answer,
    /// Answers, plays a prompt until a digit is pressed, hangs up.
    Prompt,
    /// Answers, and waits for the call's end.
    Hold,
}

impl Duty {
    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Prompt => "prompt",
            Self::Hold => "hold",
        }
    }

    /// Runs the application, on the server that the environment names, until it is asked to stop. Then all calls are
    /// hung up.
    ///
    /// # Errors
    /// As `Ari::run`.
    pub async fn run(self) -> Result<Account> {
        let records = Arc::new(Mutex::new(Records::default()));
        let application = Load {
            duty: self,
            records: Arc::clone(&records),
        };
        Ari::from_env()?
            .service("EVERYTHING", application)
            .drain_deadline(Duration::ZERO)
            .run()
            .await?;
        Ok(std::mem::take(&mut *lock(&records)).into())
    }
}

struct Load {
    duty: Duty,
    records: Arc<Mutex<Records>>,
}

/// What was noted of the calls so far.
#[derive(Debug, Default)]
struct Records {
    ok: u32,
    failed: u32,
    first_failure: Option<String>,
    answered: Vec<Duration>,
}

impl Application for Load {
    async fn on_call(&self, call: Call) -> Result {
        let done = self.care_for(&call).await;
        let mut records = lock(&self.records);
        match &done {
            Ok(()) => records.ok += 1,
            Err(failure) => {
                records.failed += 1;
                records
                    .first_failure
                    .get_or_insert_with(|| format!("{call:?}: {failure}"));
            }
        }
        drop(records);
        done
    }
}

impl Load {
    async fn care_for(&self, call: &Call) -> Result {
        call.answer().await?;
        self.note_answer(call)?;
        match self.duty {
            Duty::Answer => tokio::time::sleep(TALK).await,
            Duty::Prompt => prompt(call).await?,
            Duty::Hold => {
                call.ended().await;
                return Ok(());
            }
        }
        Ok(call.hang_up().await?)
    }

    fn note_answer(&self, call: &Call) -> Result {
        let start = &call.start().timestamp;
        let start = start
            .to_system_time()
            .ok_or_else(|| Failure::from(format!("the call began at {start:?}")))?;
        let took = SystemTime::now().duration_since(start)?;
        lock(&self.records).answered.push(took);
        Ok(())
    }
}

async fn prompt(call: &Call) -> Result {
    let prompt = call.play(PROMPT).await?;
    if call.digit_within(THINK).await?.is_none() {
        return Err(Failure::from(format!("no digit came within {THINK:?}")));
    }
    Ok(prompt.stop().await?)
}

fn lock(records: &Mutex<Records>) -> MutexGuard<'_, Records> {
    // No code that can panic runs under this lock.
    records.lock().unwrap_or_else(PoisonError::into_inner)
}

impl From<Records> for Account {
    fn from(records: Records) -> Self {
        Self {
            ok: records.ok,
            failed: records.failed,
            first_failure: records.first_failure,
            answered: Spread::of(records.answered),
        }
    }
}
