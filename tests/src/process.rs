//! Programs that live no longer than the lab does.

use std::ffi::OsString;
use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};

use anyhow::{Context as _, Result};

/// Runs its arguments as a command until the pipe at its own standard input closes; then TERM, and KILL
/// after five seconds. The pipe closes when the lab lets go of it, and also when the lab is killed: the one
/// way to stop a program is also the way it dies with its parent. (A parent-death signal would not do: it
/// follows the thread that spawned, and the threads of a test runtime are short-lived.)
const KEEPER: &str = r#"
exec 3<&0 </dev/null
"$@" 3<&- &
child=$!
(
    read -r _ <&3
    kill -TERM "$child"
    tenths=0
    while kill -0 "$child" && [ "$tenths" -lt 50 ]; do
        sleep 0.1
        tenths=$((tenths + 1))
    done
    kill -KILL "$child"
) 2>/dev/null &
watcher=$!
exec 3<&-
wait "$child"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
"#;

/// A running program that is stopped when this value is dropped, and when this process dies.
#[derive(Debug)]
pub struct Kept {
    keeper: Child,
    lifeline: Option<ChildStdin>,
}

impl Kept {
    /// Starts `command` (the program and its arguments) with both outputs going to `output`.
    ///
    /// It gets a process group of its own, so that ctrl-c reaches the lab alone, which then stops it.
    pub fn spawn(command: &[OsString], output: &File) -> Result<Self> {
        let mut keeper = Command::new("sh")
            .arg("-c")
            .arg(KEEPER)
            .arg("keeper")
            .args(command)
            .stdin(Stdio::piped())
            .stdout(output.try_clone()?)
            .stderr(output.try_clone()?)
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {command:?}"))?;
        let lifeline = keeper.stdin.take();
        Ok(Self { keeper, lifeline })
    }

    /// How the program ended, or `None` while it runs.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.keeper.try_wait()?)
    }

    /// Stops the program and waits until it is gone, which takes no more than some seconds.
    pub fn stop(&mut self) {
        self.lifeline = None;
        // The only failure is "already waited for", and then it is gone.
        let _ = self.keeper.wait();
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn keep(script: &str) -> Kept {
        let output = File::options().write(true).open("/dev/null").unwrap();
        Kept::spawn(&["sh".into(), "-c".into(), script.into()], &output).unwrap()
    }

    #[test]
    fn passes_on_how_the_program_ended() {
        let mut kept = keep("exit 7");
        let deadline = Instant::now() + Duration::from_secs(20);
        let status = loop {
            if let Some(status) = kept.ended().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "the program did not end");
            std::thread::sleep(Duration::from_millis(10));
        };
        assert_eq!(status.code(), Some(7));
    }

    #[test]
    fn stops_a_program_that_would_run_on() {
        let mut kept = keep("exec sleep 600");
        let start = Instant::now();
        kept.stop();
        assert!(start.elapsed() < Duration::from_secs(3));
    }

    #[test]
    fn kills_a_program_that_ignores_term() {
        let deaf = std::env::temp_dir().join(format!("ari-lab-deaf-{}", std::process::id()));
        let script = format!("trap '' TERM; : > {}; while :; do sleep 1; done", deaf.display());
        let mut kept = keep(&script);
        let deadline = Instant::now() + Duration::from_secs(20);
        while !deaf.exists() {
            assert!(Instant::now() < deadline, "the program does not begin");
            std::thread::sleep(Duration::from_millis(10));
        }
        std::fs::remove_file(&deaf).unwrap();
        let start = Instant::now();
        kept.stop();
        assert!(
            start.elapsed() >= Duration::from_secs(4),
            "TERM was not tried first"
        );
        assert!(start.elapsed() < Duration::from_secs(20));
    }
}
